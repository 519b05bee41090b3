/** What the subscriptions' screen shows of its answers. */
import type { SegmentRow } from '../../contract/SegmentRow';
import type { SubscriptionRow } from '../../contract/SubscriptionRow';
import { amount } from '../../parts/money';
import { plain, statusOf } from '../../parts/status';
import type { Column } from '../../parts/table/columns';

const day = (at: string | null): string => at?.slice(0, 10) ?? '';

export const STATUSES = [
  'active',
  'trialing',
  'past_due',
  'unpaid',
  'incomplete',
  'incomplete_expired',
  'paused',
  'canceled',
] as const;
export const VERDICTS = ['equal', 'differs', 'missing', 'not_connected'] as const;

export const columns: Column<SubscriptionRow>[] = [
  { id: 'name', title: 'Customer', text: (row) => row.name.shown, min: 200, grow: 4, isSortable: true },
  { id: 'plan', title: 'Plan', text: planText, min: 170, grow: 3, priority: 1, isSortable: true },
  {
    id: 'status',
    title: 'Stripe',
    text: (row) => statusOf('subscription', row.status).label,
    min: 108,
    isSortable: true,
  },
  { id: 'database_status', title: 'Database', text: databaseText, min: 112, priority: 3, isSortable: true },
  {
    id: 'verdict',
    title: 'Verdict',
    text: (row) => statusOf('verdict', row.verdict).label,
    min: 118,
    isSortable: true,
  },
  { id: 'mrr', title: 'MRR', text: (row) => amount(row.mrr), align: 'end', min: 124, isSortable: true },
  {
    id: 'period_end_at',
    title: 'Next',
    text: (row) => `${nextOf(row).word} ${day(nextOf(row).at)}`,
    min: 168,
    priority: 2,
    isSortable: true,
  },
  {
    id: 'started_at',
    title: 'Since',
    text: (row) => day(row.started_at),
    min: 108,
    priority: 6,
    isSortable: true,
  },
  { id: 'id', title: 'Id', text: (row) => row.id, min: 132, priority: 7 },
];

/** The plan with its interval and, when there are several, the quantity. */
export function planText({ plan, interval, quantity }: SubscriptionRow): string {
  return [plan, interval, quantity === '1' ? '' : `× ${quantity}`].filter(Boolean).join(' ');
}

/** The database's word as it stands there; a missing one says why. */
export function databaseText({ database_status, verdict }: SubscriptionRow): string {
  if (database_status !== null) return plain(database_status.toLowerCase());
  return verdict === 'not_connected' ? 'not connected' : 'no row';
}

/** What comes next for a subscription. */
export function nextOf(row: SubscriptionRow): { word: string; at: string | null } {
  if (row.status === 'canceled') return { word: 'Ended', at: row.ends_at };
  if (row.is_cancelling) return { word: 'Ends', at: row.ends_at };
  if (row.status === 'trialing' && row.trial_end_at) return { word: 'Trial ends', at: row.trial_end_at };
  return { word: 'Renews', at: row.period_end_at };
}

const SOURCES: Record<string, string> = {
  observed: 'observed',
  rebuilt: 'rebuilt from invoices',
  dates: 'from dates alone',
};

export const sourceText = ({ source }: SegmentRow): string => SOURCES[source] ?? plain(source);
