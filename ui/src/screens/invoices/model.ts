/** What the invoices' screen shows of its answers. */
import type { InvoiceRow } from '../../contract/InvoiceRow';
import { amount } from '../../parts/money';
import { statusOf } from '../../parts/status';
import type { Column } from '../../parts/table/columns';

const day = (at: string | null): string => at?.slice(0, 10) ?? '';

export const STATUSES = ['draft', 'open', 'overdue', 'paid', 'void', 'uncollectible'] as const;
export const VERDICTS = ['equal', 'differs', 'missing', 'not_expected', 'not_connected'] as const;

export const columns: Column<InvoiceRow>[] = [
  {
    id: 'number',
    title: 'Number',
    text: (row) => row.number ?? 'Draft',
    min: 140,
    grow: 1,
    isSortable: true,
  },
  { id: 'name', title: 'Customer', text: (row) => row.name.shown, min: 140, grow: 3, isSortable: true },
  {
    id: 'status',
    title: 'Status',
    text: (row) => statusOf('invoice', row.status).label,
    min: 122,
    isSortable: true,
  },
  { id: 'total', title: 'Total', text: (row) => amount(row.total), align: 'end', min: 124, isSortable: true },
  {
    id: 'remaining',
    title: 'To pay',
    text: (row) => amount(row.remaining),
    align: 'end',
    min: 120,
    priority: 2,
    isSortable: true,
  },
  {
    id: 'verdict',
    title: 'Verdict',
    text: (row) => statusOf('verdict', row.verdict).label,
    min: 118,
    priority: 1,
    isSortable: true,
  },
  {
    id: 'created_at',
    title: 'Created',
    text: (row) => day(row.created_at),
    min: 112,
    priority: 3,
    isSortable: true,
  },
  { id: 'due_at', title: 'Due', text: (row) => day(row.due_at), min: 112, priority: 5, isSortable: true },
  {
    id: 'attempts',
    title: 'Attempts',
    text: attemptsText,
    align: 'end',
    min: 92,
    priority: 6,
    isSortable: true,
  },
  { id: 'reason', title: 'Why', text: (row) => row.reason, min: 146, grow: 1, priority: 7 },
];

/** Attempts to collect, and when the next one comes. */
export function attemptsText({ attempts, next_attempt_at }: InvoiceRow): string {
  return next_attempt_at ? `${attempts}, next ${day(next_attempt_at)}` : String(attempts);
}

/** Whether an open invoice should have been paid by now. */
export function isOverdue({ status, due_at }: InvoiceRow, now: number): boolean {
  return status === 'open' && due_at !== null && Date.parse(due_at) < now;
}

/** The word its status pill shows. */
export const statusWord = (row: InvoiceRow, now: number): string =>
  isOverdue(row, now) ? 'overdue' : row.status;
