import { afterEach, describe, expect, it } from 'vitest';
import { at, go, match, route, split, to } from './route.svelte';

afterEach(() => go('/overview', { replace: true }));

it('takes a route apart', () => {
  expect(split('/customers/?status=active&q=a%3Fb')).toEqual({
    path: '/customers',
    query: 'status=active&q=a%3Fb',
  });
  expect(split('/')).toEqual({ path: '/', query: '' });
});

describe('a pattern', () => {
  it.each([
    ['/customers/:id', '/customers/cus_1', { id: 'cus_1' }],
    ['/customers/:id', '/customers', null],
    ['/customers/:id', '/customers/', null],
    ['/customers', '/customers', {}],
    ['/runs/:run/sign', '/runs/a%2Fb/sign', { run: 'a/b' }],
    ['/runs/:run/sign', '/runs/%E0%A4%A/sign', { run: '%E0%A4%A' }],
    ['/runs/:run', '/runs/a/b', null],
  ])('%s against %s', (pattern, path, params) => {
    expect(match(pattern, path)).toEqual(params);
  });
});

it('writes routes that can be read back', () => {
  expect(to('/customers', { q: 'a b&c', status: '', none: null, on: true, off: false, n: 3 })).toBe(
    '/customers?q=a+b%26c&on=1&n=3',
  );
  expect(at('/customers', 'a/b')).toBe('/customers/a%2Fb');
});

describe('where one is', () => {
  it('follows the address and its query', () => {
    go('/customers?status=past_due');
    expect([route.path, route.get('status'), route.get('none')]).toEqual(['/customers', 'past_due', '']);
    route.set({ status: '', q: 'anna@' });
    expect(location.hash).toBe('#/customers?q=anna%40');
    expect(route.text).toBe('/customers?q=anna%40');
  });

  it('keeps the filters when what is open beside a list changes', () => {
    go('/invoices?status=open');
    route.open('/invoices/in_1');
    expect(route.text).toBe('/invoices/in_1?status=open');
  });

  it('never goes to nowhere', () => {
    go('/');
    expect(route.path).toBe('/overview');
  });
});
