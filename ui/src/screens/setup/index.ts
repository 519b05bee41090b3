/** Setting up: the first steps, each of which can be skipped and found again. */
import Flag from '@lucide/svelte/icons/flag';
import type { Screen } from '../screen';
import View from './Screen.svelte';

export const setup: Screen = {
  word: 'setup',
  title: 'Set up',
  icon: Flag,
  key: '',
  patterns: ['/setup/:step'],
  component: View,
  isBare: true,
  isGlobal: true,
};
