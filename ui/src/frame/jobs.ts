/** Work in progress as words. */
import type { JobView } from '../contract/JobView';
import { count } from '../parts/money';
import { duration } from '../parts/when';

const KINDS: Record<JobView['kind'], string> = {
  sync: 'Sync',
  rollup: 'Computing figures',
  check: 'Running checks',
  verify: 'Verifying the ledger',
  export: 'Writing an export',
};

export const jobTitle = ({ kind, environment }: JobView): string =>
  environment === null ? KINDS[kind] : `${KINDS[kind]} · ${environment}`;

/** Pace and what is left: ` · 180/s · 2 min left`. */
export function pace({ per_second, seconds_left }: JobView): string {
  const parts: string[] = [];
  if (per_second > 0)
    parts.push(`${per_second < 10 ? per_second.toFixed(1) : count(Math.round(per_second))}/s`);
  if (seconds_left !== null) parts.push(`${duration(seconds_left)} left`);
  return parts.map((part) => ` · ${part}`).join('');
}
