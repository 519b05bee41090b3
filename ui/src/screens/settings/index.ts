/** Settings: environments and connections, operators, workspace, appearance. */
import Cog from '@lucide/svelte/icons/settings';
import type { Screen } from '../screen';
import View from './Screen.svelte';

export const settings: Screen = {
  word: 'settings',
  title: 'Settings',
  icon: Cog,
  key: ',',
  patterns: ['/settings', '/settings/:section', '/settings/environments/:id'],
  component: View,
  isGlobal: true,
};
