/** Revenue: recurring revenue, what moved it, and the rows behind every figure. */
import Chart from '@lucide/svelte/icons/chart-no-axes-combined';
import type { Screen } from '../screen';
import View from './Screen.svelte';

export const revenue: Screen = {
  word: 'revenue',
  title: 'Revenue',
  icon: Chart,
  key: 'r',
  patterns: ['/revenue', '/revenue/rows/:metric'],
  component: View,
};
