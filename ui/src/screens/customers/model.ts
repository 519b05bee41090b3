/** What the customers' screens show of their answers. */
import type { CustomerRow } from '../../contract/CustomerRow';
import type { PaymentBrief } from '../../contract/PaymentBrief';
import type { TimelineEntry } from '../../contract/TimelineEntry';
import { amount } from '../../parts/money';
import { plain, statusOf } from '../../parts/status';
import type { Column } from '../../parts/table/columns';

const day = (at: string | null): string => at?.slice(0, 10) ?? '';
const sums = (amounts: CustomerRow['mrr']): string => amounts.map((one) => amount(one)).join(' + ');

export const columns: Column<CustomerRow>[] = [
  { id: 'name', title: 'Name', text: (row) => row.name.shown, min: 170, grow: 3, isSortable: true },
  { id: 'email', title: 'E-mail', text: (row) => row.email.shown, min: 150, grow: 2, priority: 4 },
  {
    id: 'status',
    title: 'Status',
    text: (row) => statusOf('subscription', row.status).label,
    min: 112,
    isSortable: true,
  },
  { id: 'plan', title: 'Plan', text: (row) => row.plan, min: 150, grow: 2, priority: 3, isSortable: true },
  { id: 'mrr', title: 'MRR', text: (row) => sums(row.mrr), align: 'end', min: 126, isSortable: true },
  {
    id: 'open_balance',
    title: 'Open',
    text: (row) => sums(row.open_balance),
    align: 'end',
    min: 120,
    priority: 2,
    isSortable: true,
  },
  {
    id: 'last_payment',
    title: 'Last payment',
    text: (row) => paymentText(row.last_payment),
    min: 210,
    grow: 4,
    priority: 5,
    isSortable: true,
  },
  { id: 'renews_at', title: 'Next', text: nextText, min: 130, priority: 6, isSortable: true },
  { id: 'since', title: 'Since', text: (row) => day(row.since), min: 104, priority: 8, isSortable: true },
  {
    id: 'country',
    title: 'Country',
    text: (row) => row.country ?? '',
    min: 74,
    priority: 9,
    isSortable: true,
  },
  {
    id: 'database',
    title: 'Database',
    text: (row) => statusOf('verdict', row.database).label,
    min: 112,
    priority: 1,
    isSortable: true,
  },
];

/** A payment in one text: `29.00 USD failed: insufficient funds`. */
export function paymentText(payment: PaymentBrief | null): string {
  if (!payment) return '';
  const reason = payment.reason ? `: ${payment.reason}` : '';
  return `${amount(payment.money)} ${payment.status}${reason}, ${day(payment.at)}`;
}

/** What comes next: a trial's end, else a renewal. */
export function nextOf(row: CustomerRow): { word: 'Trial ends' | 'Renews'; at: string } | null {
  if (row.trial_end_at) return { word: 'Trial ends', at: row.trial_end_at };
  return row.renews_at ? { word: 'Renews', at: row.renews_at } : null;
}

export function nextText(row: CustomerRow): string {
  const next = nextOf(row);
  return next ? `${next.word} ${day(next.at)}` : '';
}

export const STATUSES = ['active', 'trialing', 'past_due', 'unpaid', 'paused', 'canceled', 'none'] as const;

/** The kinds a timeline holds, each once, in a fixed order. */
export function kindsIn(timeline: readonly TimelineEntry[]): { id: string; label: string; count: number }[] {
  const order = ['subscription', 'invoice', 'payment', 'refund', 'event', 'row', 'gap'];
  const kinds = [...new Set(timeline.map((entry) => entry.kind))].sort(
    (a, b) => order.indexOf(a) - order.indexOf(b),
  );
  return kinds.map((id) => ({
    id,
    label: plain(id),
    count: timeline.filter((entry) => entry.kind === id).length,
  }));
}
