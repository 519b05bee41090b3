/** Audit log: the ledger, entry by entry, and its verification. */
import Scroll from '@lucide/svelte/icons/scroll-text';
import type { Screen } from '../screen';
import View from './Screen.svelte';

export const audit: Screen = {
  word: 'audit',
  title: 'Audit log',
  icon: Scroll,
  key: 'l',
  patterns: ['/audit', '/audit/:seq'],
  component: View,
  isGlobal: true,
};
