/** Every screen, in the order of the navigation. One line per screen. */
import { match } from '../parts/route.svelte';
import { customers } from './customers';
import { overview } from './overview';
import { revenue } from './revenue';
import type { Screen } from './screen';

export const screens: readonly Screen[] = [overview, revenue, customers];

/** The screen a path leads to. */
export function find(path: string): { screen: Screen } | null {
  const screen = screens.find(({ patterns }) => patterns.some((pattern) => match(pattern, path) !== null));
  return screen ? { screen } : null;
}
