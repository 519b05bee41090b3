/** What the webhooks' screens show of their answers. */
import type { Cause } from '../../contract/Cause';
import type { EndpointRow } from '../../contract/EndpointRow';
import type { EventRow } from '../../contract/EventRow';
import { to } from '../../parts/route.svelte';
import { statusOf } from '../../parts/status';
import type { Column } from '../../parts/table/columns';
import { duration } from '../../parts/when';

/** Windows of time to look at, in days; events are kept for 400. */
export const WINDOWS = [
  { value: '1', label: 'Last 24 h' },
  { value: '7', label: 'Last 7 days' },
  { value: '30', label: 'Last 30 days' },
  { value: '90', label: 'Last 90 days' },
  { value: '400', label: 'All kept' },
];

export const DELIVERIES = ['delivered', 'pending', 'not_subscribed', 'too_young'] as const;
export const ROWS = ['found', 'missing', 'duplicate'] as const;

/** The days of the route, brought to what can be asked. */
export const daysOf = (text: string): number =>
  WINDOWS.some(({ value }) => value === text) ? Number(text) : 7;

/** The tab of the route: a filter on events means the events. */
export function tabOf(get: (name: string) => string): 'delivery' | 'events' {
  if (get('tab') === 'events') return 'events';
  return ['delivery', 'row', 'kind', 'q'].some((name) => get(name) !== '') ? 'events' : 'delivery';
}

/** How long after the event its row came. */
export const lagText = ({ lag_s }: EventRow): string => (lag_s === null ? '' : duration(lag_s));

export const columns: Column<EventRow>[] = [
  { id: 'created_at', title: 'Created', text: (row) => row.created_at, min: 178, isSortable: true },
  { id: 'kind', title: 'Type', text: (row) => row.kind, min: 230, grow: 2, isSortable: true },
  { id: 'object', title: 'Object', text: (row) => row.object, min: 128, priority: 2 },
  { id: 'customer', title: 'Customer', text: (row) => row.customer ?? '', min: 128, priority: 4 },
  {
    id: 'delivery',
    title: 'Delivery',
    text: (row) => statusOf('delivery', row.delivery).label,
    min: 150,
    isSortable: true,
  },
  { id: 'row', title: 'Row', text: (row) => statusOf('row', row.row).label, min: 128, isSortable: true },
  { id: 'lag_s', title: 'After', text: lagText, align: 'end', min: 84, priority: 1, isSortable: true },
  { id: 'api_version', title: 'Version', text: (row) => row.api_version, min: 168, priority: 5 },
];

/** Where a step of the funnel leads: the events that got there. */
export function stepRoute(word: string, days: number): string {
  const filters: Record<string, Record<string, string>> = {
    delivered: { delivery: 'delivered' },
    row_found: { row: 'found' },
  };
  return to('/webhooks', { tab: 'events', days, ...filters[word] });
}

/** Where a cause leads. Its filter is the query of the events' list. */
export const causeRoute = ({ filter }: Cause, days: number): string =>
  `${to('/webhooks', { tab: 'events', days })}${filter === '' ? '' : `&${filter.replace(/^[?&]/, '')}`}`;

/** What an endpoint listens to, in words. */
export function selection({ selects_all, selected, missing, extra }: EndpointRow): string {
  if (selects_all) return 'Every event type is selected.';
  const parts = [`${selected} event types selected`];
  if (missing.length > 0)
    parts.push(`${missing.length} expected ${missing.length === 1 ? 'one is' : 'ones are'} missing`);
  if (extra.length > 0) parts.push(`${extra.length} nobody expects`);
  return `${parts.join(', ')}.`;
}
