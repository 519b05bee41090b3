/** Overview: what needs somebody, then the figures, then what is under way. */
import House from '@lucide/svelte/icons/layout-dashboard';
import type { Screen } from '../screen';
import View from './Screen.svelte';

export const overview: Screen = {
  word: 'overview',
  title: 'Overview',
  icon: House,
  key: 'o',
  patterns: ['/overview'],
  component: View,
};
