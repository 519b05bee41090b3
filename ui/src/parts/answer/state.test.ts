import { describe, expect, it } from 'vitest';
import type { Answer } from '../../contract/Answer';
import type { Failure } from '../../contract/Failure';
import type { SourceState } from '../../contract/SourceState';
import type { Standing } from '../../contract/Standing';
import { isDemo, shapeOf } from './state';

const words = { when: (instant: string) => instant.slice(11, 16), count: (value: number) => String(value) };
const failure: Failure = {
  code: 'STRIPE_BAD_ANSWER',
  what: 'Could not read',
  why: 'It was cut off.',
  safe: 'All kept.',
  actions: [],
  trace: 't',
};
const offline: Failure = { ...failure, code: 'STRIPE_UNREACHABLE' };
const THROUGH = '2026-11-20T13:58:00Z';

const standing = (state: SourceState, data_through: string | null = THROUGH, is_stale = false): Standing => ({
  source: 'stripe',
  state,
  data_through,
  is_stale,
});
const answer = (...sources: Standing[]): Answer<string> => ({ view: 'figures', sources, is_demo: false });
const shape = (data: unknown, error: Failure | null = null) =>
  shapeOf({ data, error, answered: '3 min ago' }, words);
const notices = (data: unknown, error: Failure | null = null) => {
  const found = shape(data, error);
  return found.word === 'ready' ? found.notices : found;
};

describe('without data', () => {
  it('is loading, or failed when the question failed', () => {
    expect(shape(undefined)).toEqual({ word: 'loading' });
    expect(shape(undefined, failure)).toMatchObject({ word: 'failed', failure });
  });

  it.each([
    [{ word: 'not_connected' }, 'unconnected'],
    [{ word: 'never_read' }, 'never'],
    [{ word: 'not_permitted', permission: 'Invoices: Read' }, 'denied'],
    [{ word: 'failed', failure, since: THROUGH }, 'failed'],
  ] as [SourceState, string][])('of its first source says %j, and never that it is empty', (state, word) => {
    expect(shape(answer(standing(state, null)))).toMatchObject({ word });
  });

  it('names the permission that is missing', () => {
    expect(
      shape(answer(standing({ word: 'not_permitted', permission: 'Invoices: Read' }, null))),
    ).toMatchObject({ permission: 'Invoices: Read' });
  });
});

describe('with data', () => {
  it('is quiet when all is well', () => {
    expect(notices(answer(standing({ word: 'ready' })))).toEqual([]);
    expect(notices({ runs: [] })).toEqual([]);
  });

  it('says how much is here while it is being read', () => {
    expect(notices(answer(standing({ word: 'partial', have: 12_400, about: 31_000 })))).toMatchObject([
      { word: 'partial', text: 'Reading Stripe: 12400 of about 31000 objects so far.' },
    ]);
    expect(notices(answer(standing({ word: 'partial', have: 5, about: null })))).toMatchObject([
      { text: 'Reading Stripe: 5 objects so far.' },
    ]);
  });

  it('is dated, not blanked, when the source fails or is out of reach', () => {
    expect(
      notices(answer(standing({ word: 'failed', failure: offline, since: '2026-11-20T14:02:00Z' }))),
    ).toMatchObject([
      {
        word: 'offline',
        tone: 'unknown',
        text: 'Offline: Stripe has not answered since 14:02; showing data through 13:58.',
      },
    ]);
    expect(
      notices(answer(standing({ word: 'failed', failure, since: '2026-11-20T14:02:00Z' }))),
    ).toMatchObject([{ word: 'failed', tone: 'fail', failure }]);
  });

  it('keeps old data when a right was taken away', () => {
    expect(notices(answer(standing({ word: 'not_permitted', permission: 'Events: Read' })))).toMatchObject([
      { word: 'denied' },
    ]);
  });

  it('says when it is stale, and when a refresh failed', () => {
    expect(notices(answer(standing({ word: 'ready' }, THROUGH, true)))).toMatchObject([
      { word: 'stale', tone: 'warn' },
    ]);
    expect(notices(answer(standing({ word: 'ready' })), failure)).toMatchObject([
      { word: 'refresh', failure, text: expect.stringContaining('3 min ago') },
    ]);
  });

  it('shows what it has when only another source is missing', () => {
    const database: Standing = {
      source: 'database',
      state: { word: 'not_connected' },
      data_through: null,
      is_stale: false,
    };
    expect(notices(answer(standing({ word: 'ready' }), database))).toMatchObject([
      { word: 'unconnected', text: expect.stringContaining('billing database') },
    ]);
  });
});

it('knows what is invented', () => {
  expect(isDemo({ ...answer(), is_demo: true })).toBe(true);
  expect(isDemo(answer())).toBe(false);
  expect(isDemo({ runs: [] })).toBe(false);
});
