/** A figure's value as text. What has no value says why; it is never drawn as zero. */
import type { Value } from '../contract/Value';
import { count, figures } from './money';

export interface ValueText {
  text: string;
  unit: string;
  /** Why there is no value. */
  reason: string | null;
}

export function valueText(value: Value): ValueText {
  switch (value.unit) {
    case 'money':
      return { text: figures(value.money), unit: value.money.currency.toUpperCase(), reason: null };
    case 'count':
      return { text: count(value.count).replace('-', '\u2212'), unit: '', reason: null };
    case 'rate':
      return { text: value.pct.replace('-', '\u2212'), unit: '%', reason: null };
    case 'number':
      return { text: value.text.replace('-', '\u2212'), unit: '', reason: null };
    case 'none':
      return { text: '–', unit: '', reason: value.reason };
  }
}

/** The whole figure in one text, to copy and to read out. */
export function spoken(value: Value): string {
  const { text, unit, reason } = valueText(value);
  return reason === null ? [text, unit].filter(Boolean).join(' ') : `no value: ${reason}`;
}
