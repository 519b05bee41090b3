/** Webhooks: endpoints, delivery, and whether each event left its row. */
import Webhook from '@lucide/svelte/icons/webhook';
import type { Screen } from '../screen';
import View from './Screen.svelte';

export const webhooks: Screen = {
  word: 'webhooks',
  title: 'Webhooks',
  icon: Webhook,
  key: 'w',
  patterns: ['/webhooks', '/webhooks/events/:id'],
  component: View,
};
