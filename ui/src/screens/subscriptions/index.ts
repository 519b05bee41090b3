/** Subscriptions: both sides of each, Stripe's and the billing database's. */
import Repeat from '@lucide/svelte/icons/repeat';
import type { Screen } from '../screen';
import View from './Screen.svelte';

export const subscriptions: Screen = {
  word: 'subscriptions',
  title: 'Subscriptions',
  icon: Repeat,
  key: 's',
  patterns: ['/subscriptions', '/subscriptions/:id'],
  component: View,
};
