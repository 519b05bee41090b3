/** Small pure rules of parts that need no file of their own. */
import { describe, expect, it } from 'vitest';
import type { Failure } from '../contract/Failure';
import type { Permission } from '../contract/Permission';
import { activeCount, statusFacet } from './facets';
import { report } from './failure';
import { spoken, valueText } from './figure';
import { grantedText, recipe, sorted } from './permissions';

describe('a figure', () => {
  it('has text and unit', () => {
    expect(valueText({ unit: 'money', money: { minor: '6538808', currency: 'usd' } })).toEqual({
      text: '65,388.08',
      unit: 'USD',
      reason: null,
    });
    expect(valueText({ unit: 'rate', exact: '-1/3', pct: '-33.33' })).toMatchObject({
      text: '\u221233.33',
      unit: '%',
    });
    expect(valueText({ unit: 'count', count: -3 }).text).toBe('\u22123');
  });

  it('without a value says why and is never zero', () => {
    const none = valueText({ unit: 'none', reason: 'Too few.' });
    expect(none).toEqual({ text: '–', unit: '', reason: 'Too few.' });
    expect(spoken({ unit: 'none', reason: 'Too few.' })).toBe('no value: Too few.');
  });
});

const permission = (read: string, granted: string): Permission => ({
  read,
  permission: `${read}: Read`,
  granted,
  needed_for: [],
  note: '',
});

describe('permissions', () => {
  const all = [
    permission('Customers', 'granted'),
    permission('Events', 'denied'),
    permission('Prices', 'unknown'),
  ];
  it('show what is missing first', () => {
    expect(sorted(all).map(({ read }) => read)).toEqual(['Events', 'Prices', 'Customers']);
    expect(grantedText(all)).toBe('1 of 3 reads are granted');
  });

  it('become a text to pass on, which asks for reads only', () => {
    const text = recipe([...all, permission('Events', 'denied')], 'acct_1');
    expect(text).toContain('acct_1');
    expect(text.match(/- Events: Read/g)).toHaveLength(1);
    expect(text).not.toMatch(/Write/);
  });
});

it('makes facets of words', () => {
  expect(statusFacet('status', 'Status', 'invoice', ['paid']).options).toEqual([
    { value: 'paid', label: 'Paid' },
  ]);
  expect(activeCount(['', 'a', ''])).toBe(1);
});

it('writes a failure as a report', () => {
  const failure: Failure = {
    code: 'INTERNAL',
    what: 'What',
    why: 'Why',
    safe: 'Safe',
    actions: [],
    trace: '',
  };
  expect(report(failure, Date.parse('2026-11-20T09:42:00Z'))).toBe(
    'Countersign: INTERNAL\nWhat\nWhy: Why\nSafe: Safe\nTime: 2026-11-20T09:42:00.000Z\nTrace: none',
  );
});
