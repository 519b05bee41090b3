/** What Revenue shows of its answers, and where its clicks lead. Amounts are compared as text, never computed. */
import type { BridgeLine } from '../../contract/BridgeLine';
import type { Figure } from '../../contract/Figure';
import type { FigureRows } from '../../contract/FigureRows';
import type { FigureRow } from '../../contract/FigureRow';
import type { MovementRow } from '../../contract/MovementRow';
import { keyParts } from '../../parts/chart/scene';
import { amount, count, major, micro } from '../../parts/money';
import { at, to } from '../../parts/route.svelte';
import { plain } from '../../parts/status';
import type { Column } from '../../parts/table/columns';

/** Least width of a figure in the strip. **Units**: CSS pixels. */
const FIGURE_MIN = 196;

/** Columns for a strip of figures: as few rows as fit, and these of about the same length. */
export function figureColumns(count: number, room: number): number {
  const most = Math.max(1, Math.floor(room / FIGURE_MIN));
  const rows = Math.max(1, Math.ceil(count / most));
  return Math.max(1, Math.ceil(count / rows));
}

/** Kinds of movements, in the order of the bridge. */
export const KINDS = ['new', 'reactivation', 'expansion', 'contraction', 'churn'] as const;

/** The month before or after another one in a list that is newest first; itself at the ends. */
export function neighbour(months: readonly string[], month: string, step: -1 | 1): string {
  const index = months.indexOf(month);
  return index < 0 ? month : (months[index - step] ?? month);
}

/** Choices of currency: each alone, or all converted. */
export function currencyChoices(
  currencies: readonly string[],
  reporting: string,
): { value: string; label: string }[] {
  const each = currencies.map((value) => ({ value, label: value.toUpperCase() }));
  return currencies.length > 1 ? [{ value: '', label: `All, in ${reporting.toUpperCase()}` }, ...each] : each;
}

/** Whether a line of the bridge is one of its two ends. */
export const isEnd = ({ word }: BridgeLine): boolean => word === 'opening' || word === 'closing';

/** Where a line of the bridge leads; its ends and exchange rates have no movements behind them. */
export function bridgeRoute({ word }: BridgeLine, month: string, currency: string): string | null {
  return (KINDS as readonly string[]).includes(word)
    ? to('/revenue', { tab: 'movements', month, currency, kind: word })
    : null;
}

/** Where a mark of a chart leads: movements have a list by kind, everything else its rows. */
export function markRoute(key: string, currency: string): string {
  const { month, word } = keyParts(key);
  if ((KINDS as readonly string[]).includes(word))
    return to('/revenue', { tab: 'movements', month, currency, kind: word });
  if (word === 'net') return to('/revenue', { tab: 'movements', month, currency });
  return to(at('/revenue/rows', `metric.${word}`), { month, currency });
}

export const rowsRoute = (figure: Figure, month: string, currency: string): string =>
  to(at('/revenue/rows', figure.metric), { month, currency });

/**
 * Holds the exact sum of the rows against the figure, as text.
 * `divided`: the figure is the sum divided by something, which stands in the text. `equal`: the same to the last digit.
 * `rounded`: the sum has more digits than the currency. `differs`: a count that is not the number of its rows, which must
 * never be. `null`: nothing to hold.
 */
export function sumVerdict({
  figure,
  sum,
  divisor,
  rows,
}: Pick<FigureRows, 'figure' | 'sum' | 'divisor' | 'rows'>): {
  word: 'divided' | 'equal' | 'rounded' | 'differs';
  text: string;
} | null {
  const { value } = figure;
  if (value.unit === 'none') return null;
  if (divisor !== null) {
    // An average divides money by a count; a share divides like by like.
    const currency = rows.totals[0]?.currency.toUpperCase();
    const counted = (units: string) => (currency ? `${micro(units)} ${currency}` : count(Number(units)));
    const by = value.unit === 'money' ? count(Number(divisor)) : counted(divisor);
    return { word: 'divided', text: `${counted(sum)} ÷ ${by}` };
  }
  if (value.unit === 'count')
    return { word: sum === String(value.count) ? 'equal' : 'differs', text: count(Number(sum)) };
  if (value.unit !== 'money') return null;
  const text = micro(sum);
  const trim = (decimal: string) =>
    decimal
      .replace(/,/g, '')
      .replace('\u2212', '-')
      .replace(/(\.\d*?)0+$/, '$1')
      .replace(/\.$/, '');
  const word = trim(text) === trim(major(value.money) ?? '') ? 'equal' : 'rounded';
  return { word, text: `${text} ${value.money.currency.toUpperCase()}` };
}

export const movementColumns: Column<MovementRow>[] = [
  { id: 'name', title: 'Customer', text: (row) => row.name.shown, min: 180, grow: 3, isSortable: true },
  { id: 'kind', title: 'Movement', text: (row) => plain(row.kind), min: 130, isSortable: true },
  { id: 'causes', title: 'Why', text: (row) => row.causes.join('; '), min: 160, grow: 4, priority: 1 },
  {
    id: 'from',
    title: 'From',
    text: (row) => amount(row.from),
    align: 'end',
    min: 124,
    priority: 3,
    isSortable: true,
  },
  {
    id: 'to',
    title: 'To',
    text: (row) => amount(row.to),
    align: 'end',
    min: 124,
    priority: 2,
    isSortable: true,
  },
  {
    id: 'delta',
    title: 'Change',
    text: (row) => amount(row.delta, true),
    align: 'end',
    min: 140,
    isSortable: true,
  },
];

export const rowColumns: Column<FigureRow>[] = [
  { id: 'name', title: 'Customer', text: (row) => row.name.shown, min: 180, grow: 3, isSortable: true },
  { id: 'what', title: 'What', text: (row) => row.what, min: 160, grow: 4, priority: 1 },
  {
    id: 'subscription',
    title: 'Record',
    text: (row) => row.subscription ?? row.record,
    min: 150,
    priority: 2,
  },
  {
    id: 'part',
    title: 'Part of the figure',
    text: (row) => (row.money ? amount(row.money) : row.part),
    align: 'end',
    min: 150,
    isSortable: true,
  },
];

/** Where a row leads: to its customer, or to the record itself where no customer is known. */
export function routeOf(row: FigureRow): string {
  if (row.customer !== null) return at('/customers', row.customer);
  if (row.record.startsWith('evt_')) return at('/webhooks/events', row.record);
  return row.record.startsWith('in_') ? at('/invoices', row.record) : '/revenue';
}
