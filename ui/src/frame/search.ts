/** Hits of the search as rows to pick from. */
import type { Hit } from '../contract/Hit';
import type { Pick } from '../parts/pick';
import { plain } from '../parts/status';

const GROUPS: Record<string, string> = {
  customer: 'Customers',
  subscription: 'Subscriptions',
  invoice: 'Invoices',
  charge: 'Payments',
  event: 'Events',
  price: 'Prices',
  product: 'Products',
  item: 'Checklist items',
  metric: 'Metrics',
  probe: 'Checks',
};

/** Hits in the order they came, each group where its best hit stands. */
export function hitPicks(hits: readonly Hit[]): Pick[] {
  const groups = [...new Set(hits.map((hit) => hit.kind))];
  return groups.flatMap((kind) =>
    hits
      .filter((hit) => hit.kind === kind)
      .map((hit) => ({
        id: `${hit.kind}/${hit.id}`,
        group: GROUPS[hit.kind] ?? plain(hit.kind),
        label: hit.label,
        detail: hit.detail,
        remark: hit.matched,
      })),
  );
}

/** Whether a text begins like a secret of Stripe; so that no part of one is sent while it is typed. */
export const looksSecret = (text: string): boolean => /(^|\s)(([rs]k_(org_)?(live|test)_)|whsec_)/.test(text);
