import { describe, expect, it } from 'vitest';
import { plain, statusOf, wordsOf, type StatusKind } from './status';

describe('a status', () => {
  it('means what its kind says', () => {
    expect(statusOf('invoice', 'open').label).toBe('Open');
    expect(statusOf('delivery', 'pending')).toMatchObject({ label: 'Undelivered', tone: 'warn' });
    expect(statusOf('payment', 'pending')).toMatchObject({ label: 'Pending', tone: 'info' });
  });

  it('nobody knows is shown as it came, never as good', () => {
    expect(statusOf('subscription', 'some_new_word')).toMatchObject({
      label: 'Some new word',
      tone: 'unknown',
    });
    expect(statusOf('verdict', '')).toMatchObject({ label: 'Unknown', tone: 'unknown' });
  });

  it('that is missing or unknown is never green', () => {
    const kinds: StatusKind[] = ['verdict', 'row', 'item', 'outcome', 'permission', 'delivery'];
    for (const kind of kinds) {
      for (const word of wordsOf(kind)) {
        if (/unknown|missing|not_|stale|failed|differs/.test(word))
          expect(statusOf(kind, word).tone).not.toBe('ok');
      }
    }
  });

  it('covers every state an item can be in', () => {
    const states = [
      'open',
      'running',
      'verified',
      'needs_confirmation',
      'failed',
      'warning',
      'unknown',
      'confirmed',
      'waived',
      'not_applicable',
      'blocked',
      'stale',
      'reopened',
      'armed',
      'tripped',
    ];
    expect(wordsOf('item').sort()).toEqual(states.sort());
  });
});

it('reads words of the wire aloud', () => {
  expect([plain('past_due'), plain('not-known'), plain('')]).toEqual(['Past due', 'Not known', '']);
});
