import { describe, expect, it } from 'vitest';
import { fit, nextSort, rowsOf, sentence, template, type Column } from './columns';
import { moved } from './keys';
import { placeOf, remember } from './places';

interface Row {
  a: string;
  b: string;
}
const columns: Column<Row>[] = [
  { id: 'a', title: 'A', text: (row) => row.a, min: 100, grow: 1 },
  { id: 'b', title: 'B', text: (row) => row.b, min: 100, priority: 1 },
  { id: 'c', title: 'C', text: () => '', min: 100, priority: 2 },
  { id: 'd', title: 'D', text: () => '', min: 100, priority: 2 },
];
const ids = (width: number) => fit(columns, width).map(({ id }) => id);

describe('columns', () => {
  it('leave by priority, from the right, and those without one stay', () => {
    expect(ids(400)).toEqual(['a', 'b', 'c', 'd']);
    expect(ids(399)).toEqual(['a', 'b', 'c']);
    expect(ids(299)).toEqual(['a', 'b']);
    expect(ids(199)).toEqual(['a']);
    expect(ids(10)).toEqual(['a']);
  });

  it('are all kept before the width is known', () => {
    expect(ids(0)).toHaveLength(4);
  });

  it('share what is left over', () => {
    expect(template(columns.slice(0, 2))).toBe('minmax(100px, 1fr) 100px');
  });

  it('make a sentence of a row', () => {
    expect(sentence(columns, { a: 'Anna', b: '29.00 USD' })).toBe('A: Anna, B: 29.00 USD');
  });
});

it('sorts by a column, then the other way, then not at all', () => {
  const none = { sort: '', is_reversed: false };
  const once = nextSort(none, 'mrr');
  const twice = nextSort(once, 'mrr');
  expect([once, twice, nextSort(twice, 'mrr')]).toEqual([
    { sort: 'mrr', is_reversed: false },
    { sort: 'mrr', is_reversed: true },
    none,
  ]);
  expect(nextSort(twice, 'name')).toEqual({ sort: 'name', is_reversed: false });
});

describe('keys of a list', () => {
  it.each([
    ['j', 0, 1],
    ['ArrowDown', 99, 99],
    ['ArrowDown', -1, 0],
    ['k', 0, 0],
    ['ArrowUp', -1, 0],
    ['PageDown', 0, 9],
    ['PageUp', 50, 41],
    ['Home', 50, 0],
    ['End', 0, 99],
    ['x', 5, null],
  ])('%s from %d leads to %s', (key, active, target) => {
    expect(moved(key, active, 100, 10)).toBe(target);
  });

  it('lead nowhere in an empty list', () => {
    expect(moved('j', -1, 0, 10)).toBeNull();
  });
});

it('remembers where one was in a list, and forgets the oldest of many', () => {
  remember('customers', { offset: 340, active: 10 });
  expect(placeOf('customers')).toEqual({ offset: 340, active: 10 });
  for (let list = 0; list < 60; list += 1) remember(`list ${list}`, { offset: 1, active: 1 });
  expect(placeOf('customers')).toEqual({ offset: 0, active: -1 });
});

it('makes a source of rows that are all here', () => {
  const source = rowsOf(['a', 'b']);
  expect([source.total, source.at(1), source.at(2)]).toEqual([2, 'b', undefined]);
});
