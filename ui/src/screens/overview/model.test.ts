import { describe, expect, it } from 'vitest';
import { overview } from '../../fixtures/asks/money';
import { standings } from '../../fixtures/standings';
import { bySeverity, calm, runParts, setupLeft } from './model';

const view = overview('half');

it('counts what needs attention by severity, the worst first', () => {
  expect(bySeverity(view.attention)).toEqual([
    { severity: 'critical', count: 2 },
    { severity: 'warning', count: 2 },
    { severity: 'notice', count: 1 },
  ]);
  expect(bySeverity([])).toEqual([]);
});

describe('that nothing needs anybody', () => {
  it('is known only when every connected source was read', () => {
    expect(calm(standings('ready'))).toEqual({ isKnown: true, text: 'Nothing needs you.' });
    expect(calm(standings('stale')).isKnown).toBe(true);
    expect(calm(standings('half')).text).toMatch(/without the billing database\.$/);
    expect(calm(standings('reading'))).toEqual({
      isKnown: false,
      text: 'Not known yet: Stripe and the billing database were not read to the end so far.',
    });
    expect(calm(standings('denied')).text).toMatch(/^Not known yet: Stripe was not/);
  });
});

it('knows the next step of setting up', () => {
  expect(setupLeft(view.setup)).toMatchObject({ done: 3, next: { step: 'database' } });
  expect(setupLeft([]).next).toBeUndefined();
});

it('draws a run as one bar', () => {
  const parts = runParts(view.runs[0]!);
  expect(parts.map(({ value }) => value)).toEqual([71, 3, 6]);
});
