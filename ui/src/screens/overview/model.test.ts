import { expect, it } from 'vitest';
import { overview } from '../../fixtures/asks/money';
import { bySeverity, runParts, setupLeft } from './model';

const view = overview('half');

it('counts what needs attention by severity, the worst first', () => {
  expect(bySeverity(view.attention)).toEqual([
    { severity: 'critical', count: 2 },
    { severity: 'warning', count: 2 },
    { severity: 'notice', count: 1 },
  ]);
  expect(bySeverity([])).toEqual([]);
});

it('knows the next step of setting up', () => {
  expect(setupLeft(view.setup)).toMatchObject({ done: 3, next: { step: 'database' } });
  expect(setupLeft([]).next).toBeUndefined();
});

it('draws a run as one bar', () => {
  const parts = runParts(view.runs[0]!);
  expect(parts.map(({ value }) => value)).toEqual([71, 3, 6]);
});
