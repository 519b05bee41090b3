/** Invoices: status and amounts on both sides. */
import Receipt from '@lucide/svelte/icons/receipt-text';
import type { Screen } from '../screen';
import View from './Screen.svelte';

export const invoices: Screen = {
  word: 'invoices',
  title: 'Invoices',
  icon: Receipt,
  key: 'i',
  patterns: ['/invoices', '/invoices/:id'],
  component: View,
};
