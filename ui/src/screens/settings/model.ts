/** Rules of the settings' forms. The program checks all of it again. */
import type { ExchangeRate } from '../../contract/ExchangeRate';
import type { PriceExpected } from '../../contract/PriceExpected';
import type { Workspace } from '../../contract/Workspace';
import { digitsOf, major } from '../../parts/money';
import { exposureFaults } from './exposure';

/** Why an address cannot be that of a webhook endpoint; an empty one is none. */
export function addressFault(text: string): string | null {
  const address = text.trim();
  if (address === '') return null;
  try {
    const { protocol, username, password } = new URL(address);
    if (username !== '' || password !== '') return 'A secret must not stand in an address.';
    return protocol === 'https:' || protocol === 'http:' ? null : 'The address begins with https://';
  } catch {
    return 'That is not an address. It begins with https://';
  }
}

/** Major units as typed, to whole minor units; `null` when it is no amount of that currency. */
export function minorOf(text: string, currency: string): string | null {
  const digits = digitsOf(currency);
  const parts = /^(\d{1,13})(?:\.(\d+))?$/.exec(text.trim().replace(/,/g, ''));
  if (!parts) return null;
  const [, whole = '0', fraction = ''] = parts;
  if (fraction.length > digits) return null;
  return `${whole}${fraction.padEnd(digits, '0')}`.replace(/^0+(?=\d)/, '');
}

/** Minor units as one types them. */
export const majorOf = (minor: string, currency: string): string => major({ minor, currency }) ?? minor;

export const newPrice = (currency: string): PriceExpected => ({
  name: '',
  unit_amount: '0',
  currency,
  interval: 'month',
  interval_count: '1',
  usage_type: 'licensed',
  tax_behavior: '',
});

export const newRate = (quote: string, date: string): ExchangeRate => ({ date, base: '', quote, rate: '' });

/** Why a rate is none. */
export function rateFault({ date, base, quote, rate }: ExchangeRate): string | null {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(date)) return 'The day it is for, such as 2026-10-31.';
  if (!/^[a-z]{3}$/.test(base) || !/^[a-z]{3}$/.test(quote)) return 'Currencies have three letters.';
  if (base === quote) return 'One currency needs no rate to itself.';
  return /^\d{1,9}(\.\d{1,12})?$/.test(rate) && /[1-9]/.test(rate)
    ? null
    : 'A rate is a decimal number above zero.';
}

/** Shortest reason for letting one person sign where two should. */
const EXCEPTION_CHARS_MIN = 20;

/** What is wrong with the workspace, by field; empty when nothing is. */
export function faults(workspace: Workspace, zones: readonly string[]): Record<string, string> {
  const found: Record<string, string> = {};
  if (workspace.name.trim() === '') found['name'] = 'It needs a name.';
  if (!zones.includes(workspace.zone) && workspace.zone !== 'UTC')
    found['zone'] = 'Choose a zone such as Europe/Berlin.';
  if (!/^[a-z]{3}$/.test(workspace.currency)) found['currency'] = 'Three letters, such as usd.';
  if (workspace.prices.some((price) => price.name.trim() === '' || !/^\d+$/.test(price.unit_amount))) {
    found['prices'] = 'Every price needs a name and an amount.';
  }
  if (
    workspace.one_signer_reason !== null &&
    workspace.one_signer_reason.trim().length < EXCEPTION_CHARS_MIN
  ) {
    found['one_signer_reason'] =
      `${EXCEPTION_CHARS_MIN} characters at least; everybody who reads a statement sees it.`;
  }
  const rate = workspace.rates.map(rateFault).find((fault) => fault !== null);
  if (rate) found['rates'] = rate;
  return { ...found, ...exposureFaults(workspace.exposure) };
}

/** Event types from lines of text, each once. */
export const eventsOf = (text: string): string[] => [
  ...new Set(text.split(/[\s,]+/).filter((type) => type !== '')),
];

/** The switches as Stripe defines its own figures. */
export const AS_STRIPE = { count_past_due: true, discounts: 'recurring' } as const;

export const isAsStripe = ({ count_past_due, discounts }: Workspace): boolean =>
  count_past_due === AS_STRIPE.count_past_due && discounts === AS_STRIPE.discounts;

export const DISCOUNTS = [
  { value: 'recurring', label: 'Recurring ones, while they are active' },
  { value: 'forever_only', label: 'Only those that last for ever' },
  { value: 'all', label: 'All, also one-time ones' },
  { value: 'none', label: 'None' },
];
