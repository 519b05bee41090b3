/** Customers: the list, and everything known about one of them. */
import Users from '@lucide/svelte/icons/users';
import type { Screen } from '../screen';
import View from './Screen.svelte';

export const customers: Screen = {
  word: 'customers',
  title: 'Customers',
  icon: Users,
  key: 'c',
  patterns: ['/customers', '/customers/:id'],
  component: View,
};
