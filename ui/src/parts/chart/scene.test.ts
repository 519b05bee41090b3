import { describe, expect, it } from 'vitest';
import { chart } from '../../fixtures/world/scenes';
import { askedWidth, isLying, keyParts, line, nearest, stepped, told } from './scene';

const mrr = chart('mrr', 760);
const funnel = chart('funnel', 760);

it('knows which charts lie', () => {
  expect(isLying(mrr)).toBe(false);
  expect(isLying(chart('movements', 760))).toBe(false);
  expect(isLying(funnel)).toBe(true);
});

describe('pointing', () => {
  it('stops at the nearest period', () => {
    expect(mrr.stops[nearest(mrr.stops, 0)]?.title).toBe('December 2024');
    expect(mrr.stops[nearest(mrr.stops, 760)]?.title).toBe('November 2026');
    expect(nearest([], 10)).toBe(-1);
  });

  it.each([
    ['ArrowRight', 3, false, 4],
    ['ArrowLeft', 0, false, 0],
    ['ArrowLeft', -1, false, 23],
    ['ArrowDown', 3, false, null],
    ['ArrowDown', 1, true, 2],
    ['Home', 9, false, 0],
    ['End', 0, false, 23],
  ])('%s from %d, lying %s, goes to %s', (key, active, lies, next) => {
    expect(stepped(key, active, 24, lies)).toBe(next);
  });
});

it('tells a stop in a sentence', () => {
  expect(told(mrr.stops.at(-1)!)).toBe('November 2026: MRR 65,388.08 USD, so far');
});

it('takes keys apart', () => {
  expect(keyParts('2026-03|usd|churn')).toEqual({ month: '2026-03', currency: 'usd', word: 'churn' });
  expect(keyParts('created')).toEqual({ month: 'created', currency: '', word: '' });
});

it('writes paths', () => {
  expect(
    line(
      [
        [0, 1],
        [2, 3],
      ],
      true,
    ),
  ).toBe('M0 1L2 3Z');
});

it.each([
  [10, 320],
  [779, 760],
  [800, 800],
  [5_000, 1_600],
])('asks for %d pixels as %d', (available, asked) => {
  expect(askedWidth(available)).toBe(asked);
});
