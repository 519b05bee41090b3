import { expect, it } from 'vitest';
import { ranked, stepped, type Pick } from './pick';

const picks: Pick[] = [
  { id: '1', group: 'Go to', label: 'Revenue' },
  { id: '2', group: 'Go to', label: 'Settings' },
  { id: '3', group: 'Actions', label: 'Sync now', words: ['refresh'] },
  { id: '4', group: 'Actions', label: 'Full resync' },
];
const labels = (text: string) => ranked(picks, text).map(({ label }) => label);

it('keeps everything while nothing is typed', () => {
  expect(labels('  ')).toHaveLength(4);
});

it('finds by label, by other words, and forgives gaps', () => {
  expect(labels('reven')[0]).toBe('Revenue');
  expect(labels('refresh')).toContain('Sync now');
  expect(labels('fresync')[0]).toBe('Full resync');
  expect(labels('qqqq')).toEqual([]);
});

it('keeps groups together, the best first', () => {
  const groups = ranked(picks, 's').map(({ group }) => group);
  expect([...new Set(groups)]).toHaveLength(
    groups.filter((group, index) => group !== groups[index - 1]).length,
  );
});

it.each([
  ['ArrowDown', 3, 0],
  ['ArrowUp', 0, 3],
  ['PageDown', 0, 3],
  ['x', 0, null],
])('%s from %d goes to %s, round the ends', (key, active, next) => {
  expect(stepped(key, active, 4)).toBe(next);
});
