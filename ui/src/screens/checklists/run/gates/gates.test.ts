import { describe, expect, it } from 'vitest';
import type { Gate } from '../../../../contract/Gate';
import type { ItemView } from '../../../../contract/ItemView';
import {
  conditionRoute,
  conditionWord,
  exposureText,
  openRefusal,
  overrideRefusal,
  segments,
  shownGate,
  soakOf,
  stageWord,
  whoMayOverride,
} from './model';

const NOW = Date.parse('2026-11-20T09:00:00Z');
const gate = (phase: number, more: Partial<Gate> = {}): Gate => ({
  phase,
  name: `Phase ${phase}`,
  exposure_pct: null,
  soak_hours: 0,
  state: 'hold',
  conditions: [],
  held_by: [],
  is_overridden: false,
  overrides: [],
  recorded_at: null,
  opened_at: null,
  ...more,
});
const item = (id: string, text: string, more: Partial<ItemView> = {}) =>
  ({ id, text, is_complete: false, ...more }) as ItemView;

describe('a soak', () => {
  const begun = gate(0, { opened_at: '2026-11-19T09:00:00Z' });

  it('is none where none is asked for', () => {
    expect(soakOf([begun, gate(1)], gate(1), NOW)).toEqual({ word: 'none' });
  });

  it('waits for the gate before', () => {
    const one = gate(1, { soak_hours: 48 });
    expect(soakOf([gate(0), one], one, NOW)).toEqual({ word: 'waits', hours: 48 });
  });

  it('runs from the opening of the gate before, and is over to the second', () => {
    const one = gate(1, { soak_hours: 48 });
    const soak = soakOf([begun, one], one, NOW);
    expect(soak).toMatchObject({ word: 'runs', done: 0.5, until: Date.parse('2026-11-21T09:00:00Z') });
    expect(soakOf([begun, one], one, NOW + 86_400_000)).toMatchObject({ word: 'over', done: 1 });
  });
});

describe('a sentence', () => {
  const items = [
    item('a', 'Backups restored; twice'),
    item('b', 'Backups'),
    item('p1', 'Primary', { is_complete: true }),
    item('p2', 'Primary'),
    item('p3', 'Primary'),
    item('m', 'Failure rate < 2 %'),
  ];
  const links = (sentence: string) =>
    segments(sentence, items).flatMap((part) => (part.item ? [[part.text, part.item]] : []));

  it('leads to the items it lists, the longest label first', () => {
    expect(links('3 of 5 lines are complete; open: Backups restored; twice; Backups.')).toEqual([
      ['Backups restored; twice', 'a'],
      ['Backups', 'b'],
    ]);
  });

  it('leads to items of the same label in turn, open ones first', () => {
    expect(links('Contact cards to fill in: Primary; Primary.').map(([, id]) => id)).toEqual(['p2', 'p3']);
  });

  it('leads to a metric by the beginning of the sentence', () => {
    expect(links('Failure rate < 2 %: at worst 2.41, limit < 2 %.')).toEqual([['Failure rate < 2 %', 'm']]);
  });

  it('stays whole, and finds no label inside another word', () => {
    const sentence = 'Backups were restored; Backupsets too: none.';
    expect(segments(sentence, items)).toEqual([{ text: sentence, item: null }]);
    const listing = 'open: Backups; and 3 more.';
    expect(
      segments(listing, items)
        .map(({ text }) => text)
        .join(''),
    ).toBe(listing);
  });
});

describe('a gate', () => {
  it('is passed once what follows was opened', () => {
    expect(stageWord(gate(0, { opened_at: '2026-11-19T09:00:00Z' }))).toBe('passed');
    expect(stageWord(gate(0))).toBe('hold');
    expect(exposureText(gate(1, { exposure_pct: '10' }))).toBe('10 % of users');
  });

  it('opens only when it says so, and once', () => {
    expect(openRefusal(gate(1, { state: 'open' }))).toBeNull();
    expect(openRefusal(gate(1))).toContain('holds it');
    expect(openRefusal(gate(1, { state: 'open', opened_at: '2026-11-19T09:00:00Z' }))).toContain('already');
  });

  it('is overridden where it holds, never against a tripped trigger', () => {
    expect(overrideRefusal(gate(1))).toBeNull();
    expect(overrideRefusal(gate(1, { state: 'rollback_advised' }))).toContain('cannot be overridden');
    expect(overrideRefusal(gate(1, { state: 'open', is_overridden: true }))).toContain('already');
    expect(overrideRefusal(gate(1, { state: 'open' }))).toBe('Nothing holds it.');
  });

  it('asks somebody else the second time', () => {
    const people = [
      { id: 'a', name: 'Dana Reyes', initials: 'DR' },
      { id: 'b', name: 'Dana', initials: 'D' },
    ];
    const asked = gate(1, { overrides: ['Dana Reyes: the limit is wrong for this week'] });
    expect(whoMayOverride(asked, people).map(({ id }) => id)).toEqual(['b']);
  });

  it('is shown by choice, else the one worked on, else the last', () => {
    const gates = [gate(0), gate(1), gate(2)];
    expect(shownGate(gates, '2', 1)?.phase).toBe(2);
    expect(shownGate(gates, '', 1)?.phase).toBe(1);
    expect(shownGate(gates, '9', null)?.phase).toBe(2);
    expect(shownGate([], '', null)).toBeUndefined();
  });

  it('tells a tripped trigger from what merely does not hold', () => {
    expect(conditionWord({ name: 'triggers', holds: false, sentence: '' })).toBe('trips');
    expect(conditionWord({ name: 'soak', holds: false, sentence: '' })).toBe('fails');
    expect(conditionRoute('contacts')?.route).toBe('?tab=contacts');
    expect(conditionRoute('soak')).toBeNull();
  });
});
