/**
 * Amounts as people read them. They arrive as whole minor units in a decimal string and are never made a number,
 * because a number cannot hold every amount.
 */
import { minorDigits } from '../contract/currencies';
import type { Money } from '../contract/Money';

export const digitsOf = (currency: string): number => minorDigits[currency.toLowerCase()] ?? 2;

/** Minor units as major units, exactly: `-2905` of usd is `-29.05`. Anything else than an integer is `null`. */
export function major({ minor, currency }: Money): string | null {
  const parts = /^(-?)(\d+)$/.exec(minor);
  if (!parts) return null;
  const [, sign = '', all = ''] = parts;
  const digits = digitsOf(currency);
  if (digits === 0) return `${sign}${all}`;
  const padded = all.padStart(digits + 1, '0');
  return `${sign}${padded.slice(0, -digits)}.${padded.slice(-digits)}`;
}

const formats = new Map<number, Intl.NumberFormat>();

function grouped(digits: number): Intl.NumberFormat {
  let known = formats.get(digits);
  if (!known) {
    known = new Intl.NumberFormat('en-US', { minimumFractionDigits: digits, maximumFractionDigits: digits });
    formats.set(digits, known);
  }
  return known;
}

/** `1,240.00`, with a real minus sign. With `signed`, gains carry a plus. */
export function figures(money: Money, signed = false): string {
  const exact = major(money);
  if (exact === null) return '—';
  // `format` takes a decimal string and keeps every digit of it; the cast is for older type declarations.
  const text = grouped(digitsOf(money.currency))
    .format(exact as unknown as number)
    .replace('-', '\u2212');
  return signed && !exact.startsWith('-') && /[1-9]/.test(exact) ? `+${text}` : text;
}

/** `1,240.00 USD` */
export const amount = (money: Money, signed = false): string =>
  `${figures(money, signed)} ${money.currency.toUpperCase()}`;

export const isNegative = ({ minor }: Money): boolean => /^-0*[1-9]/.test(minor);
export const isZero = ({ minor }: Money): boolean => /^-?0+$/.test(minor);

/** A count with its thousands apart: `12,408`. */
export const count = (value: number): string => grouped(0).format(value);

/** Micro-units (a millionth of a major unit) as an exact decimal, trailing zeros cut: `29000000` is `29`. */
export function micro(units: string): string {
  const parts = /^(-?)(\d+)$/.exec(units);
  if (!parts) return units;
  const [, sign = '', all = ''] = parts;
  const padded = all.padStart(7, '0');
  const fraction = padded.slice(-6).replace(/0+$/, '').padEnd(2, '0');
  const whole = grouped(0).format(padded.slice(0, -6) as unknown as number);
  return `${sign ? '\u2212' : ''}${whole}.${fraction}`;
}
