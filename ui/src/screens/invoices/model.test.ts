import { expect, it } from 'vitest';
import { invoices } from '../../fixtures/world/company';
import { attemptsText, isOverdue, statusWord } from './model';

const NOW = Date.parse('2026-11-20T09:42:00Z');
const row = { ...invoices[0]!, status: 'open', due_at: '2026-11-19T00:00:00Z' };

it.each([
  [{}, true, 'overdue'],
  [{ due_at: '2026-11-21T00:00:00Z' }, false, 'open'],
  [{ due_at: null }, false, 'open'],
  [{ status: 'paid' }, false, 'paid'],
  [{ status: 'void' }, false, 'void'],
])('an invoice with %j is overdue %s and shown as %s', (change, overdue, word) => {
  expect(isOverdue({ ...row, ...change }, NOW)).toBe(overdue);
  expect(statusWord({ ...row, ...change }, NOW)).toBe(word);
});

it('tells attempts and the next one', () => {
  expect(attemptsText({ ...row, attempts: 2, next_attempt_at: '2026-11-23T09:00:00Z' })).toBe(
    '2, next 2026-11-23',
  );
  expect(attemptsText({ ...row, attempts: 1, next_attempt_at: null })).toBe('1');
});
