/** Working a run off line by line, over the invented company. */
import { cleanup, screen, waitFor } from '@testing-library/svelte';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { RunStory } from '../../../../fixtures/asks/checklists';
import { expectAccessible, mountApp } from '../../../../fixtures/mount';
import { clock } from '../../../../parts/clock.svelte';
import { route } from '../../../../parts/route.svelte';
import {
  after,
  before,
  INTERRUPTION_MS,
  lastDone,
  modeOf,
  placeText,
  queueOf,
  touched,
  unsound,
  wasAway,
} from './model';

const RUN = '/checklists/runs/run_2140';
const { items } = new RunStory();
const sentTo = (wire: ReturnType<typeof mountApp>['wire'], command: string) =>
  wire.calls.filter((call) => call.command === command).map(({ args }) => args['request']);

afterEach(() => vi.restoreAllMocks());

describe('the queue', () => {
  it('leads through all that count, or through what a person verifies', () => {
    const all = queueOf(items, 'do');
    expect(all).toHaveLength(items.filter(({ counts }) => counts).length);
    const mine = queueOf(items, 'verify');
    expect(mine.length).toBeLessThan(all.length);
    expect(mine.every(({ strength }) => strength !== 'full')).toBe(true);
    expect(unsound(items).every(({ strength, is_complete }) => strength === 'full' && !is_complete)).toBe(
      true,
    );
    expect([before(all, all[0]!.id), after(all, all.at(-1)!.id), after(all, all[0]!.id)]).toEqual([
      null,
      null,
      all[1],
    ]);
    expect(placeText(all, all[1]!.id)).toMatch(/^2 of \d+, \d+ left$/);
    expect([modeOf('verify'), modeOf(''), modeOf('x')]).toEqual(['verify', 'do', 'do']);
  });

  it('knows the line that was completed last, and a long absence', () => {
    const last = lastDone(items)!;
    expect(
      items.every((item) => !item.is_complete || !item.counts || (item.checked_at ?? '') <= last.checked_at!),
    ).toBe(true);
    expect(lastDone([])).toBeNull();
    expect([wasAway(0, INTERRUPTION_MS), wasAway(0, INTERRUPTION_MS + 1), wasAway(null, 1e15)]).toEqual([
      false,
      true,
      false,
    ]);
  });
});

describe('reading and doing', () => {
  const open = async () => {
    touched('run_2140', clock.exact());
    const mounted = mountApp(`${RUN}/work`);
    touched('run_2140', clock.exact());
    await screen.findByTestId('work-item');
    return mounted;
  };

  it('is reached by Shift+D and left by it', async () => {
    touched('run_2140', Number.MAX_SAFE_INTEGER);
    const { user } = mountApp(RUN);
    await screen.findAllByTestId('item');
    await user.keyboard('{Shift>}D{/Shift}');
    await screen.findByTestId('work-item');
    expect(route.path).toBe(`${RUN}/work`);
    await user.keyboard('{Shift>}D{/Shift}');
    await waitFor(() => expect(route.path).toBe(RUN));
  });

  it('shows one line, and the next when it is complete', async () => {
    const { user } = await open();
    const first = screen.getByTestId('work-item').getAttribute('data-item');
    expect(items.find(({ id }) => id === first)?.state).toBe('needs_confirmation');
    await expectAccessible();
    await user.click(await screen.findByTestId('act-confirm'));
    await user.click(await screen.findByTestId('ask-submit'));
    await waitFor(() => expect(screen.getByTestId('work-item').getAttribute('data-item')).not.toBe(first));
  });

  it('passes over no line in silence', async () => {
    const { user, wire } = await open();
    const first = screen.getByTestId('work-item').getAttribute('data-item');
    await screen.findByTestId('act-confirm');
    await user.keyboard('{ArrowRight}');
    await user.click(await screen.findByTestId('ask-submit'));
    expect(await screen.findByText('3 characters at least.')).toBeVisible();
    expect(screen.getByTestId('work-item')).toHaveAttribute('data-item', first!);
    await user.type(screen.getByTestId('ask-text'), 'The bank is closed');
    await user.click(screen.getByTestId('ask-submit'));
    await waitFor(() => expect(screen.getByTestId('work-item').getAttribute('data-item')).not.toBe(first));
    expect(sentTo(wire, 'item_note')[0]).toMatchObject({
      item: first,
      text: 'Skipped while working line by line: The bank is closed',
    });
  });

  it('has the last line read again after an interruption, before anything is done', async () => {
    const { user, wire } = await open();
    await screen.findByTestId('act-confirm');
    const now = clock.exact();
    vi.spyOn(clock, 'exact').mockReturnValue(now + INTERRUPTION_MS + 1_000);
    await user.keyboard('x');
    expect(await screen.findByTestId('work-again')).toBeVisible();
    await expectAccessible();
    expect(screen.queryByTestId('ask')).toBeNull();
    await user.click(screen.getByTestId('work-read'));
    await waitFor(() => expect(screen.queryByTestId('work-again')).toBeNull());
    await user.keyboard('x');
    expect(await screen.findByTestId('ask')).toBeVisible();
    expect(sentTo(wire, 'item_confirm')).toEqual([]);
  });
});

describe('doing and verifying', () => {
  it('runs the checks before a person looks', async () => {
    touched('run_2140', Number.MAX_SAFE_INTEGER);
    const { user, wire } = mountApp(`${RUN}/work?mode=verify`);
    expect(await screen.findByTestId('work-checks')).toBeVisible();
    expect(screen.queryByTestId('work-item')).toBeNull();
    await expectAccessible();
    await user.click(screen.getByTestId('work-check'));
    const item = await screen.findByTestId('work-item');
    expect(sentTo(wire, 'run_check')[0]).toMatchObject({ items: [] });
    expect(items.find(({ id }) => id === item.getAttribute('data-item'))?.strength).not.toBe('full');
    cleanup();
  });
});
