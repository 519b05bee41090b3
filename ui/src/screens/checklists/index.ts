/** Checklists: templates, runs, and signatures. */
import Checks from '@lucide/svelte/icons/list-checks';
import type { Screen } from '../screen';
import View from './Screen.svelte';

export const checklists: Screen = {
  word: 'checklists',
  title: 'Checklists',
  icon: Checks,
  key: 'h',
  patterns: [
    '/checklists',
    '/checklists/templates',
    '/checklists/templates/:template',
    '/checklists/templates/:template/edit',
    '/checklists/templates/:template/compare',
    '/checklists/import',
    '/checklists/requests',
    '/checklists/new',
    '/checklists/runs/:run',
    '/checklists/runs/:run/sign',
    '/checklists/runs/:run/upgrade',
    '/checklists/runs/:run/work',
  ],
  component: View,
};
