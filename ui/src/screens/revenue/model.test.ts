import { describe, expect, it } from 'vitest';
import type { Figure } from '../../contract/Figure';
import type { Money } from '../../contract/Money';
import { figureRows } from '../../fixtures/asks/money';
import { bridge, figures, months } from '../../fixtures/world/figures';
import {
  bridgeRoute,
  currencyChoices,
  figureColumns,
  markRoute,
  movementColumns,
  neighbour,
  rowsRoute,
  sumVerdict,
} from './model';

const mrr = figures[0]!;
const window = { text: '', sort: '', is_reversed: false, skip: 0, take: 5_000 };

it.each([
  [11, 1_712, 6],
  [11, 1_232, 6],
  [11, 892, 4],
  [11, 816, 4],
  [11, 180, 1],
  [7, 1_712, 7],
  [0, 1_232, 1],
])('puts %i figures on %i pixels into %i even columns', (count, room, columns) => {
  expect(figureColumns(count, room)).toBe(columns);
});

describe('months', () => {
  it('step within what there is', () => {
    expect(neighbour(months, '2026-10', -1)).toBe('2026-09');
    expect(neighbour(months, '2026-10', 1)).toBe('2026-11');
    expect(neighbour(months, months[0]!, 1)).toBe(months[0]);
    expect(neighbour(months, months.at(-1)!, -1)).toBe(months.at(-1));
    expect(neighbour(months, '1999-01', 1)).toBe('1999-01');
  });
});

it('offers conversion only where there is something to convert', () => {
  expect(currencyChoices(['usd'], 'usd')).toEqual([{ value: 'usd', label: 'USD' }]);
  expect(currencyChoices(['usd', 'jpy'], 'usd')[0]).toEqual({ value: '', label: 'All, in USD' });
});

describe('a click', () => {
  it.each([
    ['2026-08|usd|churn', '/revenue?tab=movements&month=2026-08&currency=usd&kind=churn'],
    ['2026-08|usd|net', '/revenue?tab=movements&month=2026-08&currency=usd'],
    ['2026-08|usd|mrr', '/revenue/rows/metric.mrr?month=2026-08&currency=usd'],
  ])('on %s leads to %s', (key, route) => {
    expect(markRoute(key, 'usd')).toBe(route);
  });

  it('on a figure leads to its rows, on a line of the bridge to its movements', () => {
    expect(rowsRoute(mrr, '2026-11', '')).toBe('/revenue/rows/metric.mrr?month=2026-11');
    const routes = bridge.map((line) => bridgeRoute(line, '2026-11', ''));
    expect(routes.map((route) => route !== null)).toEqual([
      false,
      true,
      true,
      true,
      true,
      true,
      false,
      false,
    ]);
  });
});

describe('the sum of the rows', () => {
  it('equals the figure to the last digit', () => {
    const rows = figureRows({ environment: 'demo', metric: 'metric.mrr', month: '', currency: '', window });
    const sum = rows.rows.rows.reduce((all, row) => all + BigInt(row.part), 0n);
    expect(String(sum)).toBe(rows.sum);
    expect(sumVerdict(rows)).toEqual({ word: 'equal', text: '65,388.08 USD' });
  });

  const over = (figure: Figure, sum: string, divisor: string | null = null, totals: Money[] = []) =>
    sumVerdict({ figure, sum, divisor, rows: { rows: [], total: 0, totals } });

  it('is divided where the figure is an average or a share, and says by what', () => {
    expect(over(figures[3]!, '65388080000', '1071', [{ minor: '6538808', currency: 'usd' }])).toEqual({
      word: 'divided',
      text: '65,388.08 USD ÷ 1,071',
    });
    expect(over(figures[4]!, '140', '145')).toEqual({ word: 'divided', text: '140 ÷ 145' });
    expect(over(figures[4]!, '1114300000', '63936030000', [{ minor: '111430', currency: 'usd' }])?.text).toBe(
      '1,114.30 USD ÷ 63,936.03 USD',
    );
    const average = figureRows({
      environment: 'demo',
      metric: 'metric.arpa',
      month: '',
      currency: '',
      window,
    });
    expect(sumVerdict(average)?.text).toBe('65,388.08 USD ÷ 1,071');
    expect(over(figures[6]!, '1', '2')).toBeNull();
  });

  it('may have more digits than its currency, and a count may not differ', () => {
    expect(over(mrr, '65388083333')).toEqual({ word: 'rounded', text: '65,388.083333 USD' });
    expect(over(figures[2]!, '1071')).toMatchObject({ word: 'equal' });
    expect(over(figures[2]!, '1070')).toMatchObject({ word: 'differs' });
    expect(over(figures[4]!, '1')).toBeNull();
  });

  it('in a currency without minor digits is compared too', () => {
    const yen = { ...mrr, value: { unit: 'money' as const, money: { minor: '4400', currency: 'jpy' } } };
    expect(over(yen, '4400000000')).toEqual({ word: 'equal', text: '4,400.00 JPY' });
  });
});

it('copies a movement with its sign', () => {
  const delta = movementColumns.find(({ id }) => id === 'delta')!;
  expect(delta.text({ delta: { minor: '1933', currency: 'usd' } } as never)).toBe('+19.33 USD');
});
