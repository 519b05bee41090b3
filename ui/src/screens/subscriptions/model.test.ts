import { expect, it } from 'vitest';
import { subscriptions } from '../../fixtures/world/company';
import { databaseText, nextOf, planText, sourceText } from './model';

const row = {
  ...subscriptions[0]!,
  plan: 'Pro',
  interval: 'monthly',
  quantity: '1',
  status: 'active',
  is_cancelling: false,
  trial_end_at: null,
};

it('writes a plan with its quantity only when there are several', () => {
  expect(planText(row)).toBe('Pro monthly');
  expect(planText({ ...row, quantity: '9' })).toBe('Pro monthly × 9');
});

it.each([
  [{ database_status: 'PAST_DUE', verdict: 'equal' }, 'Past due'],
  [{ database_status: null, verdict: 'missing' }, 'no row'],
  [{ database_status: null, verdict: 'not_connected' }, 'not connected'],
])('the database side of %j is %s', (change, text) => {
  expect(databaseText({ ...row, ...change })).toBe(text);
});

it.each([
  [
    { status: 'canceled', ends_at: 'e' },
    { word: 'Ended', at: 'e' },
  ],
  [
    { is_cancelling: true, ends_at: 'e' },
    { word: 'Ends', at: 'e' },
  ],
  [
    { status: 'trialing', trial_end_at: 't' },
    { word: 'Trial ends', at: 't' },
  ],
  // A trial that is over says nothing of what comes.
  [
    { status: 'past_due', trial_end_at: 't', period_end_at: 'p' },
    { word: 'Renews', at: 'p' },
  ],
  [{ period_end_at: 'p' }, { word: 'Renews', at: 'p' }],
])('after %j comes %j', (change, next) => {
  expect(nextOf({ ...row, ...change })).toEqual(next);
});

it('says where a stretch of MRR is known from', () => {
  const segment = { start_at: '', end_at: null, mrr: row.mrr };
  expect(sourceText({ ...segment, source: 'rebuilt' })).toBe('rebuilt from invoices');
  expect(sourceText({ ...segment, source: 'some_new' })).toBe('Some new');
});
