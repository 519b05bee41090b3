import { describe, expect, it } from 'vitest';
import { workspace } from '../../fixtures/asks/settings';
import { addressFault, eventsOf, faults, isAsStripe, majorOf, minorOf, rateFault } from './model';

it.each([
  ['', true],
  ['https://api.example.com/hook', true],
  ['http://127.0.0.1:8080/hook', true],
  ['ftp://example.com', false],
  ['https://user:pw@example.com', false],
  ['example.com/hook', false],
])('address %j is accepted: %s', (text, accepted) => {
  expect(addressFault(text) === null).toBe(accepted);
});

it.each([
  ['29', 'usd', '2900'],
  ['29.5', 'usd', '2950'],
  ['1,240.00', 'usd', '124000'],
  ['4400', 'jpy', '4400'],
  ['0.007', 'kwd', '7'],
  ['0', 'usd', '0'],
  ['29.005', 'usd', null],
  ['44.5', 'jpy', null],
  ['-1', 'usd', null],
  ['1e3', 'usd', null],
  ['', 'usd', null],
])('%j of %s is %s minor units', (text, currency, minor) => {
  expect(minorOf(text, currency)).toBe(minor);
  if (minor !== null) expect(minorOf(majorOf(minor, currency), currency)).toBe(minor);
});

it.each([
  [{}, null],
  [{ rate: '0' }, 'A rate is a decimal number above zero.'],
  [{ rate: '-1' }, 'A rate is a decimal number above zero.'],
  [{ quote: 'eur' }, 'One currency needs no rate to itself.'],
  [{ base: 'euro' }, 'Currencies have three letters.'],
  [{ date: '31.10.2026' }, 'The day it is for, such as 2026-10-31.'],
])('a rate with %j is refused with %j', (change, fault) => {
  expect(rateFault({ date: '2026-10-31', base: 'eur', quote: 'usd', rate: '1.0842', ...change })).toBe(fault);
});

describe('the workspace', () => {
  const zones = ['Europe/Berlin'];
  it('is sound as it is', () => {
    expect(faults(workspace, zones)).toEqual({});
    expect(isAsStripe(workspace)).toBe(true);
  });

  it('names every fault by its field', () => {
    const price = { ...workspace.prices[0]!, name: '' };
    const broken = {
      ...workspace,
      name: ' ',
      zone: 'Mars',
      currency: 'dollar',
      prices: [price],
      rates: [{ date: '', base: '', quote: '', rate: '' }],
    };
    expect(Object.keys(faults(broken, zones)).sort()).toEqual([
      'currency',
      'name',
      'prices',
      'rates',
      'zone',
    ]);
  });
});

it('reads event types from lines, each once', () => {
  expect(eventsOf(' invoice.paid\ninvoice.paid, charge.failed\n\n')).toEqual([
    'invoice.paid',
    'charge.failed',
  ]);
});

it('lets one person sign for two only with a reason worth printing', () => {
  const kept = { ...workspace, one_signer_reason: null };
  expect(faults(kept, [workspace.zone])['one_signer_reason']).toBeUndefined();
  expect(faults({ ...kept, one_signer_reason: 'we are few' }, [workspace.zone])['one_signer_reason']).toMatch(
    /20/,
  );
  const long = 'we are two people in this company';
  expect(faults({ ...kept, one_signer_reason: long }, [workspace.zone])['one_signer_reason']).toBeUndefined();
});
