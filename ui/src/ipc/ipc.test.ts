/** The door down: what crosses it, how failures come back, and what is asked again when a topic changes. */
import { describe, expect, it, vi } from 'vitest';
import { reads } from '../contract/list';
import { act, ask } from './ask';
import { failureOf } from './failure';
import { isTouched } from './live';
import { PAGE_ROWS, pagesOf } from './rows.svelte';
import { connect } from './transport';
import { followShow, reportFaults } from './window';

function wire(answer: () => unknown = () => ({})) {
  const call = vi.fn((_command: string, _args: Record<string, unknown>) => Promise.resolve().then(answer));
  const heard: Record<string, (payload: never) => void> = {};
  connect({
    call,
    listen: (event, listener) => {
      heard[event] = listener as never;
      return Promise.resolve(() => undefined);
    },
    now: () => 0,
  });
  return { call, heard };
}

describe('the door', () => {
  it('asks with a request and nothing else', async () => {
    const { call } = wire();
    await ask('customer', { environment: 'demo', customer: 'cus_1' });
    expect(call).toHaveBeenCalledExactlyOnceWith('customer', {
      request: { environment: 'demo', customer: 'cus_1' },
    });
  });

  it('acts with a request id of its own each time', async () => {
    const { call } = wire();
    await act('sync_start', { environment: 'demo', is_full: false });
    await act('sync_start', { environment: 'demo', is_full: false });
    const ids = call.mock.calls.map(([, args]) => args['requestId']);
    expect(ids[0]).toMatch(/^[0-9a-f-]{36}$/);
    expect(ids[0]).not.toBe(ids[1]);
    expect(call.mock.calls[0]?.[1]).not.toHaveProperty('secret');
  });

  it('sends a secret beside the request, never in it', async () => {
    const { call } = wire();
    await act('stripe_connect', { environment: 'demo', url: '' }, 'rk_test_1');
    const [, args] = call.mock.calls[0]!;
    expect(args['secret']).toBe('rk_test_1');
    expect(JSON.stringify(args['request'])).not.toContain('rk_test_1');
  });

  it('hands failures on as they are, and makes one of anything else', async () => {
    const failure = { code: 'NOT_FOUND', what: 'a', why: 'b', safe: 'c', actions: [], trace: 't' };
    wire(() => {
      throw failure;
    });
    await expect(ask('workspace', {})).rejects.toBe(failure);
    wire(() => {
      throw new TypeError('bad wire');
    });
    await expect(ask('workspace', {})).rejects.toMatchObject({ code: 'INTERNAL', why: 'bad wire' });
    expect(failureOf('text').why).toBe('text');
  });
});

describe('a changed topic', () => {
  it('touches exactly the answers made of it', () => {
    const touched = Object.keys(reads).filter((name) => isTouched(name, ['checklists']));
    expect(touched.sort()).toEqual([
      'agenda',
      'alarms',
      'contacts',
      'gates',
      'item',
      'overview',
      'rollback',
      'run',
      'runs',
      'schedule',
      'sign_preview',
      'signature',
      'template',
      'template_compare',
      'template_draft',
      'templates',
      'upgrade_preview',
    ]);
    expect(
      isTouched('template_preview', ['mirror', 'metrics', 'checklists', 'ledger', 'settings', 'jobs']),
    ).toBe(false);
    expect(isTouched('no such question', ['mirror'])).toBe(false);
  });
});

describe('pages of a list', () => {
  it.each([
    [0, 30, 1_000, []],
    [190, 230, 1_000, [1]],
    [395, 605, 1_000, [1, 2, 3]],
    [980, 1_200, 1_000, [4]],
    [0, 30, 10, []],
    [0, 0, 0, []],
  ])('around rows %d to %d of %d are %j', (first, last, total, pages) => {
    expect(pagesOf(first, last, total)).toEqual(pages);
  });

  it('are no longer than one answer may be', () => {
    expect(PAGE_ROWS).toBeLessThanOrEqual(5_000);
  });
});

it('tells that what was asked for is shown, once it stands still', async () => {
  const { call, heard } = wire();
  const show = vi.fn();
  await followShow(show);
  heard['show']?.({ route: '/revenue', theme: 'dark' } as never);
  expect(show).toHaveBeenCalledWith({ route: '/revenue', theme: 'dark' });
  expect(call).not.toHaveBeenCalled();
  await vi.waitFor(() => expect(call).toHaveBeenCalledWith('shown', {}));
});

describe('a fault of the page', () => {
  it('is told to the program, and a size that settles later is none', () => {
    const { call } = wire();
    reportFaults();
    dispatchEvent(
      new ErrorEvent('error', {
        message: 'ResizeObserver loop completed with undelivered notifications.',
      }),
    );
    expect(call).not.toHaveBeenCalled();
    dispatchEvent(new ErrorEvent('error', { message: 'x', error: new TypeError('no such row') }));
    expect(call).toHaveBeenCalledOnce();
    expect(call.mock.calls[0]?.[1]['message']).toContain('TypeError: no such row');
  });
});
