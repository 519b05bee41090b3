/** Every screen, in the order of the navigation. One line per screen. */
import { match } from '../parts/route.svelte';
import { audit } from './audit';
import { checklists } from './checklists';
import { schedule } from './checklists/schedule';
import { customers } from './customers';
import { invoices } from './invoices';
import { overview } from './overview';
import { revenue } from './revenue';
import type { Screen } from './screen';
import { settings } from './settings';
import { setup } from './setup';
import { subscriptions } from './subscriptions';
import { webhooks } from './webhooks';

export const screens: readonly Screen[] = [
  overview,
  revenue,
  customers,
  subscriptions,
  invoices,
  webhooks,
  checklists,
  audit,
  schedule,
  settings,
  setup,
];

/** The screen a path leads to. */
export function find(path: string): { screen: Screen } | null {
  const screen = screens.find(({ patterns }) => patterns.some((pattern) => match(pattern, path) !== null));
  return screen ? { screen } : null;
}
