/** What Overview shows of its answer. */
import type { Attention } from '../../contract/Attention';
import type { RunBrief } from '../../contract/RunBrief';
import type { SetupStep } from '../../contract/SetupStep';
import type { Severity } from '../../contract/Severity';

/** How many things there are of each severity, the worst first; severities without any are left out. */
export function bySeverity(attention: readonly Attention[]): { severity: Severity; count: number }[] {
  return (['critical', 'warning', 'notice'] as const)
    .map((severity) => ({ severity, count: attention.filter((one) => one.severity === severity).length }))
    .filter(({ count }) => count > 0);
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
