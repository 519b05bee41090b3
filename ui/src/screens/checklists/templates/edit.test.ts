import { describe, expect, it } from 'vitest';
import type { RowDraft } from '../../../contract/RowDraft';
import { changes, phaseChanges } from '../../../fixtures/asks/templates';
import { changesText, upgradeText } from './changes';
import {
  add,
  changedIds,
  checksFor,
  firstFault,
  isChanged,
  kindsOf,
  move,
  moveTo,
  put,
  remove,
  renamed,
  rowFault,
  sectionsOf,
  withKind,
} from './edit';

const row = (id: string, parent: string | null = null, section = 'A'): RowDraft => ({
  id,
  text: `Line ${id}`,
  section: [section],
  kind: 'manual',
  probe: '',
  is_suggested: false,
  remainder: '',
  rule: '',
  help: '',
  limit: '',
  fresh_hours: null,
  confirm: [],
  may_be_na: false,
  schedule: '',
  given: '',
  parent,
});
/** `a`, `b` with `b1` and `b2` in it (and `b1x` in that), `c`, and `d` in another section. */
const rows = [
  row('a'),
  row('b'),
  row('b1', 'b'),
  row('b1x', 'b1'),
  row('b2', 'b'),
  row('c'),
  row('d', null, 'B'),
];
const ids = (list: readonly RowDraft[]) => list.map(({ id }) => id).join(' ');

describe('moving a line', () => {
  it.each([
    ['b', -1, 'b b1 b1x b2 a c d'],
    ['b', 1, 'a c b b1 b1x b2 d'],
    ['c', -1, 'a c b b1 b1x b2 d'],
    ['a', 1, 'b b1 b1x b2 a c d'],
    ['b2', -1, 'a b b2 b1 b1x c d'],
    ['b1', 1, 'a b b2 b1 b1x c d'],
    ['b1', -1, ids(rows)],
    ['b2', 1, ids(rows)],
    ['b1x', 1, ids(rows)],
    ['a', -1, ids(rows)],
    ['d', 1, ids(rows)],
    ['nobody', 1, ids(rows)],
  ] as const)('%s by %i gives %s', (id, by, wanted) => {
    expect(ids(move(rows, id, by))).toBe(wanted);
  });

  it('over a heading joins the section there, with all that is nested in it', () => {
    const moved = move(move(rows, 'b', 1), 'b', 1);
    expect(ids(moved)).toBe('a c d b b1 b1x b2');
    expect(moved.slice(3).every(({ section }) => section[0] === 'B')).toBe(true);
  });

  it('back again is as it was', () => {
    const movable = rows.filter(({ id }) => ids(move(rows, id, 1)) !== ids(rows));
    expect(movable.map(({ id }) => id)).toEqual(['a', 'b', 'b1', 'c']);
    for (const { id } of movable.slice(0, 3)) expect(ids(move(move(rows, id, 1), id, -1))).toBe(ids(rows));
  });
});

it('adds a line below the family of the open one, and takes lines away', () => {
  const made = add(rows, 'b');
  expect(ids(made.rows)).toBe(`a b b1 b1x b2 ${made.id} c d`);
  expect(made.rows[5]).toMatchObject({ section: ['A'], parent: null, kind: 'manual', text: '' });
  expect(rowFault(made.rows[5]!)).toBe('A line has a text.');
  expect(add([], '').rows).toHaveLength(1);
  const left = remove(rows, 'b1');
  expect(ids(left)).toBe('a b b1x b2 c d');
  expect(left[2]?.parent).toBe('b');
});

it('knows what is changed', () => {
  const other = put(rows, { ...rows[0]!, rule: 'Both of them.' });
  expect([...changedIds(other, rows)]).toEqual(['a']);
  expect([isChanged(rows, rows), isChanged(other, rows), isChanged(remove(rows, 'a'), rows)]).toEqual([
    false,
    true,
    true,
  ]);
});

it('offers kinds and checks that fit each other', () => {
  const checks = ['metric.mrr', 'stripe.key.mode'].map((id) => ({
    id,
    name: id,
    question: '?',
    remainder: '',
    is_metric: id.startsWith('metric.'),
    fresh_hours: 24,
  }));
  const values = (one: RowDraft) => checksFor(one, checks).map(({ value }) => value);
  expect(values(row('a'))).toEqual(['', 'metric.mrr', 'stripe.key.mode']);
  expect(values({ ...row('a'), kind: 'metric' })).toEqual(['', 'metric.mrr']);
  expect(values({ ...row('a'), kind: 'auto', probe: 'stripe.key.mode' })).toEqual(['stripe.key.mode']);
  expect(withKind({ ...row('a'), probe: 'stripe.key.mode' }, 'metric').probe).toBe('');
  expect(withKind({ ...row('a'), probe: 'stripe.key.mode' }, 'auto').probe).toBe('stripe.key.mode');
  expect(kindsOf({ ...row('a'), kind: 'signoff' })).toEqual([{ value: 'signoff', label: 'Sign-off' }]);
  expect(kindsOf(row('a'))).toHaveLength(5);
});

it.each([
  [{}, null],
  [{ text: ' ' }, 'A line has a text.'],
  [{ kind: 'auto' }, 'An automatic line names the check that decides it.'],
  [{ limit: 'soon' }, 'A limit is a sign and a number, such as > 99 %.'],
  [{ limit: '≥ 99 %' }, null],
  [{ fresh_hours: 0 }, 'A result counts for 1 to 8784 hours.'],
  [{ fresh_hours: Number.NaN }, 'A result counts for 1 to 8784 hours.'],
] as const)('a line with %j has the fault %j', (change, fault) => {
  const changed = { ...row('a'), ...change } as RowDraft;
  expect(rowFault(changed)).toBe(fault);
  expect(firstFault([row('b'), changed])?.row.id).toBe(fault === null ? undefined : 'a');
});

it('says what differs, and what an upgrade costs', () => {
  expect(changesText([], changes)).toBe('1 added, 1 changed, 1 moved, 1 removed');
  expect(changesText(phaseChanges, changes)).toBe(
    '1 phase differs; lines: 1 added, 1 changed, 1 moved, 1 removed',
  );
  expect(changesText(phaseChanges, [])).toBe('1 phase differs');
  expect(changesText([], [])).toBe('No line differs');
  expect(upgradeText([], changes)).toBe(
    '1 line starts again; 1 line no longer counts; every other line keeps its results, evidence and notes.',
  );
  expect(upgradeText(phaseChanges, [])).toContain('the gates go by the new phases at once');
});

it('gives a heading another name, and puts a line into another section', () => {
  const nested = [row('a'), { ...row('b'), section: ['A', 'Deep'] }, row('c', null, 'B')];
  const other = renamed(nested, ['A'], 'Before');
  expect(other.rows.map(({ section }) => section.join('/'))).toEqual(['Before', 'Before/Deep', 'B']);
  expect(other.count).toBe(2);
  expect(renamed(nested, ['A', 'Deep'], 'Deeper').rows[1]?.section).toEqual(['A', 'Deeper']);
  const moved = moveTo(rows, 'b', ['B']);
  expect(ids(moved)).toBe('a c d b b1 b1x b2');
  expect(moved.slice(3).every(({ section }) => section[0] === 'B')).toBe(true);
  expect(moveTo(rows, 'b1', ['B']).find(({ id }) => id === 'b1')).toMatchObject({ parent: null });
  expect(sectionsOf(rows)).toEqual([['A'], ['B']]);
});

it('lets a new line be of every kind', () => {
  const made = add(rows, 'a').rows[1]!;
  expect(kindsOf(made).map(({ value }) => value)).toContain('contact');
  expect(withKind({ ...made, probe: 'metric.mrr' }, 'contact')).toMatchObject({ probe: '', kind: 'contact' });
  expect(rowFault({ ...made, text: 'Look', kind: 'schedule' })).toContain('says when');
  expect(rowFault({ ...made, text: 'Look', kind: 'schedule', schedule: 'month 2+' })).toBeNull();
});
