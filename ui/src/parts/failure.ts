/** A failure as text, for a ticket. Its sentences were redacted where they were written. */
import type { Failure } from '../contract/Failure';

export const report = (failure: Failure, now: number): string =>
  [
    `Countersign: ${failure.code}`,
    failure.what,
    `Why: ${failure.why}`,
    `Safe: ${failure.safe}`,
    `Time: ${new Date(now).toISOString()}`,
    `Trace: ${failure.trace || 'none'}`,
  ].join('\n');
