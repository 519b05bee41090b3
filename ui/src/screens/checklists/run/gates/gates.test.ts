import { describe, expect, it } from 'vitest';
import type { Condition } from '../../../../contract/Condition';
import type { Gate } from '../../../../contract/Gate';
import type { ItemView } from '../../../../contract/ItemView';
import type { SoakClock } from '../../../../contract/SoakClock';
import {
  conditionRoute,
  conditionWord,
  exposureText,
  measuredText,
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
  soak: null,
  state: 'hold',
  conditions: [],
  turned_at: [],
  held_by: [],
  is_overridden: false,
  overrides: [],
  since: null,
  recorded_at: null,
  opened_at: null,
  ...more,
});
const item = (id: string, text: string, more: Partial<ItemView> = {}) =>
  ({ id, text, is_complete: false, ...more }) as ItemView;

const condition = (name: string, sentence: string, more: Partial<Condition> = {}): Condition => ({
  name,
  holds: false,
  sentence,
  items: [],
  found: null,
  limit: null,
  ...more,
});

describe('a soak', () => {
  const soak = {
    since: '2026-11-19T09:00:00Z',
    until: '2026-11-21T09:00:00Z',
    expected: 96,
    seen: 96,
    gap: null,
  };
  const soaking = (more: Partial<SoakClock> = {}) => gate(1, { soak_hours: 48, soak: { ...soak, ...more } });

  it('is none where none is asked for', () => {
    expect(soakOf(gate(1), NOW)).toEqual({ word: 'none' });
  });

  it('waits for the gate before', () => {
    expect(soakOf(gate(1, { soak_hours: 48 }), NOW)).toEqual({ word: 'waits', hours: 48 });
  });

  it('runs from when the phase began, and is over to the second', () => {
    expect(soakOf(soaking(), NOW)).toMatchObject({ word: 'runs', done: 0.5, until: Date.parse(soak.until) });
    expect(soakOf(soaking(), NOW + 86_400_000 - 1).word).toBe('runs');
    expect(soakOf(soaking(), NOW + 86_400_000)).toMatchObject({ word: 'over', done: 1 });
  });

  it('says how well it was sampled, and where nothing was', () => {
    const gap = { from: '2026-11-19T20:00:00Z', until: '2026-11-19T21:15:00Z' };
    expect(soakOf(soaking({ seen: 92 }), NOW)).toMatchObject({
      coverage: { text: '92 of 96 samples', isEnough: true, gap: null },
    });
    expect(soakOf(soaking({ seen: 91, gap }), NOW)).toMatchObject({ coverage: { isEnough: false, gap } });
    expect(soakOf(soaking({ expected: 0, seen: 0 }), NOW)).toMatchObject({
      coverage: { text: 'the first sample is due', isEnough: true },
    });
  });
});

describe('a sentence', () => {
  const items = [
    item('a', 'Backups restored; twice'),
    item('b', 'Backups'),
    item('p1', 'Primary', { is_complete: true }),
    item('p2', 'Primary'),
    item('p3', 'Primary'),
  ];
  const links = (sentence: string, about: string[]) =>
    segments(condition('items', sentence, { items: about }), items).flatMap((part) =>
      part.item ? [[part.text, part.item]] : [],
    );

  it('leads to the lines it is about, and to no other', () => {
    const sentence = '3 of 5 lines are complete; open: Backups restored; twice; Backups.';
    expect(links(sentence, ['a', 'b'])).toEqual([
      ['Backups restored; twice', 'a'],
      ['Backups', 'b'],
    ]);
    expect(links(sentence, [])).toEqual([]);
  });

  it('leads to lines of the same label in turn', () => {
    const sentence = 'Contact cards to fill in: Primary; Primary.';
    expect(links(sentence, ['p2', 'p3']).map(([, id]) => id)).toEqual(['p2', 'p3']);
  });

  it('stays whole, also where a line it is about is gone or only counted', () => {
    const listing = 'open: Backups; and 3 more.';
    const parts = segments(condition('items', listing, { items: ['gone', 'b', 'a'] }), items);
    expect(parts.map(({ text }) => text).join('')).toBe(listing);
    expect(parts.filter((part) => part.item).map((part) => part.item)).toEqual(['b']);
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
    const said = { operator: 'a', by: 'Dana Reyes', at: '2026-11-20T08:00:00Z', text: 'a campaign' };
    const asked = gate(1, { overrides: [said] });
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
    expect(conditionWord(condition('triggers', ''))).toBe('trips');
    expect(conditionWord(condition('soak', ''))).toBe('fails');
    expect(conditionRoute('rollback')?.route).toBe('?tab=rollback');
    expect(measuredText(condition('soak', '', { found: '41 h', limit: '>= 48 h' }))).toBe('41 h · >= 48 h');
    expect(measuredText(condition('metrics', '', { limit: '< 2 %' }))).toBe('nothing · < 2 %');
    expect(measuredText(condition('items', ''))).toBe('');
    expect(conditionRoute('contacts')?.route).toBe('?tab=contacts');
    expect(conditionRoute('soak')).toBeNull();
  });
});
