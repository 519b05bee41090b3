/** What Overview shows of its answer. */
import type { Attention } from '../../contract/Attention';
import type { RunBrief } from '../../contract/RunBrief';
import type { SetupStep } from '../../contract/SetupStep';
import type { Severity } from '../../contract/Severity';
import type { Standing } from '../../contract/Standing';
import { SOURCE_NAMES } from '../../parts/answer/state';
import { listed } from '../../parts/text';

/** How many things there are of each severity, the worst first; severities without any are left out. */
export function bySeverity(attention: readonly Attention[]): { severity: Severity; count: number }[] {
  return (['critical', 'warning', 'notice'] as const)
    .map((severity) => ({ severity, count: attention.filter((one) => one.severity === severity).length }))
    .filter(({ count }) => count > 0);
}

/** Sources that are connected and were never read to their end. */
export const unread = (sources: readonly Standing[]): Standing[] =>
  sources.filter(({ state, data_through }) => data_through === null && state.word !== 'not_connected');

/** What an empty list of attention means: that nothing needs anybody is known only of what was read. */
export function calm(sources: readonly Standing[]): { isKnown: boolean; text: string } {
  const open = unread(sources).map(({ source }) => SOURCE_NAMES[source]);
  if (open.length > 0)
    return {
      isKnown: false,
      text: `Not known yet: ${listed(open)} ${open.length === 1 ? 'was' : 'were'} not read to the end so far.`,
    };
  const absent = sources.filter(({ state }) => state.word === 'not_connected');
  return {
    isKnown: true,
    text:
      absent.length === 0
        ? 'Nothing needs you.'
        : `Nothing needs you as far as can be seen without ${listed(absent.map(({ source }) => SOURCE_NAMES[source]))}.`,
  };
}

/** What of a run's items is done, failed and not known, as parts of one bar. */
export const runParts = (run: RunBrief) => [
  { value: run.complete, tone: 'ok' as const },
  { value: run.failed, tone: 'fail' as const },
  { value: run.unknown, tone: 'unknown' as const },
];

/** `7 of 9 done`, and the first step that is left. */
export function setupLeft(steps: readonly SetupStep[]): { done: number; next: SetupStep | undefined } {
  return { done: steps.filter((step) => step.is_done).length, next: steps.find((step) => !step.is_done) };
}
