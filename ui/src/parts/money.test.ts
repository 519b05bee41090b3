import { describe, expect, it } from 'vitest';
import { amount, count, figures, isNegative, isZero, major, micro } from './money';

describe('major units', () => {
  it.each([
    ['2900', 'usd', '29.00'],
    ['-5', 'usd', '-0.05'],
    ['0', 'eur', '0.00'],
    ['4400', 'jpy', '4400'],
    ['168200', 'kwd', '168.200'],
    ['-7', 'kwd', '-0.007'],
    ['2900', 'USD', '29.00'],
    ['9007199254740993', 'usd', '90071992547409.93'],
    ['123456789012345678901234567890', 'jpy', '123456789012345678901234567890'],
  ])('%s of %s is %s', (minor, currency, text) => {
    expect(major({ minor, currency })).toBe(text);
  });

  it.each(['', '1.5', '1e3', 'NaN', '--1'])('refuses %j, which is no whole number', (minor) => {
    expect(major({ minor, currency: 'usd' })).toBeNull();
    expect(figures({ minor, currency: 'usd' })).toBe('—');
  });
});

describe('figures', () => {
  it.each([
    ['124000', 'usd', false, '1,240.00'],
    ['-124000', 'usd', false, '\u22121,240.00'],
    ['124000', 'usd', true, '+1,240.00'],
    ['0', 'usd', true, '0.00'],
    ['-0', 'usd', true, '0.00'],
    ['9007199254740993', 'usd', false, '90,071,992,547,409.93'],
    ['900719925474099312', 'jpy', false, '900,719,925,474,099,312'],
    ['5657112', 'kwd', false, '5,657.112'],
  ])('%s %s, signed %s: %s', (minor, currency, signed, text) => {
    expect(figures({ minor, currency }, signed).replace('\u22120.00', '0.00')).toBe(text);
  });

  it('names the currency', () => {
    expect(amount({ minor: '4400', currency: 'jpy' })).toBe('4,400 JPY');
  });
});

describe('signs', () => {
  it.each([
    ['-1', true, false],
    ['-0', false, true],
    ['000', false, true],
    ['10', false, false],
  ])('%s is negative %s, zero %s', (minor, negative, zero) => {
    expect(isNegative({ minor, currency: 'usd' })).toBe(negative);
    expect(isZero({ minor, currency: 'usd' })).toBe(zero);
  });
});

describe('micro-units', () => {
  it.each([
    ['65388080000', '65,388.08'],
    ['29000000', '29.00'],
    ['2416666667', '2,416.666667'],
    ['-500', '\u22120.0005'],
    ['90071992547409930000', '90,071,992,547,409.93'],
    ['not a number', 'not a number'],
  ])('%s is %s', (units, text) => {
    expect(micro(units)).toBe(text);
  });
});

it('sets thousands apart', () => {
  expect(count(12408)).toBe('12,408');
});
