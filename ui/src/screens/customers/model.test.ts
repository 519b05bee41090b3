import { expect, it } from 'vitest';
import { customer } from '../../fixtures/asks/records';
import { company } from '../../fixtures/world/company';
import { columns, kindsIn, nextOf, nextText, paymentText } from './model';

const row = company[0]!.row;

it('tells a payment in one text', () => {
  expect(paymentText(null)).toBe('');
  expect(
    paymentText({
      money: { minor: '2900', currency: 'usd' },
      at: '2026-06-03T12:00:00Z',
      status: 'failed',
      reason: 'insufficient funds',
    }),
  ).toBe('29.00 USD failed: insufficient funds, 2026-06-03');
});

it('knows what comes next: the end of a trial before a renewal', () => {
  const dated = { ...row, trial_end_at: '2026-12-01T00:00:00Z', renews_at: '2026-12-05T00:00:00Z' };
  expect(nextOf(dated)).toEqual({ word: 'Trial ends', at: '2026-12-01T00:00:00Z' });
  expect(nextText({ ...dated, trial_end_at: null })).toBe('Renews 2026-12-05');
  expect(nextText({ ...dated, trial_end_at: null, renews_at: null })).toBe('');
});

it('never adds currencies in a cell', () => {
  const mrr = columns.find(({ id }) => id === 'mrr')!;
  expect(
    mrr.text({
      ...row,
      mrr: [
        { minor: '2900', currency: 'usd' },
        { minor: '4400', currency: 'jpy' },
      ],
    }),
  ).toBe('29.00 USD + 4,400 JPY');
});

it('copies what is shown of a person, not what is behind the mask', () => {
  const masked = company.find((known) => known.row.name.reveal !== null)!;
  expect(columns[0]!.text(masked.row)).toMatch(/^\p{L}\. \p{L}\.$/u);
});

it('counts what happened by kind, in a fixed order', () => {
  const kinds = kindsIn(customer(company[0]!.row.id).timeline);
  expect(kinds.map(({ id }) => id)).toEqual(['subscription', 'invoice', 'payment', 'event']);
  expect(kindsIn([])).toEqual([]);
});
