/** Contacts and dates of every run of an environment. */
import Calendar from '@lucide/svelte/icons/calendar-days';
import type { Screen } from '../../screen';
import View from './Screen.svelte';

export const schedule: Screen = {
  word: 'schedule',
  title: 'Contacts & schedule',
  icon: Calendar,
  key: 'd',
  patterns: ['/schedule', '/schedule/contacts'],
  component: View,
};
