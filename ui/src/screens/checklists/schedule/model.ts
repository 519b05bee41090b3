/** Which run the screen shows, and what its dates come to. */
import type { DateView } from '../../../contract/DateView';
import type { RunBrief } from '../../../contract/RunBrief';

/** The run that was chosen, else the newest that goes on, else the newest. */
export const chosenRun = (runs: readonly RunBrief[], wanted: string): RunBrief | undefined => {
  const newest = [...runs].sort((a, b) => b.started_at.localeCompare(a.started_at));
  return newest.find(({ run }) => run === wanted) ?? newest.find(({ is_over }) => !is_over) ?? newest[0];
};

/** What can be chosen; cards are those of one run, dates are of all of them first. */
export const runChoices = (runs: readonly RunBrief[], isOne: boolean): { value: string; label: string }[] => [
  ...(isOne ? [] : [{ value: '', label: 'All runs' }]),
  ...runs.map(({ run, name }) => ({ value: run, label: name })),
];

export const counted = (dates: readonly DateView[]): { missed: number; due: number; runs: number } => ({
  missed: dates.filter(({ state }) => state === 'missed').length,
  due: dates.filter(({ state }) => state === 'due').length,
  runs: new Set(dates.map(({ run }) => run)).size,
});
