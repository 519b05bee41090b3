/** Who counts as exposed to a rollout, as the form works with it. The program and the database check all of it again. */
import type { Exposure } from '../../contract/Exposure';
import type { ExposureOperator } from '../../contract/ExposureOperator';
import type { ExposureRule } from '../../contract/ExposureRule';

/** Operators in the order they are offered, with their words. */
export const OPERATORS: { value: ExposureOperator; label: string }[] = [
  { value: 'is true', label: 'is true' },
  { value: 'is false', label: 'is false' },
  { value: '=', label: '=' },
  { value: '!=', label: '≠' },
  { value: '<', label: '<' },
  { value: '<=', label: '≤' },
  { value: '>', label: '>' },
  { value: '>=', label: '≥' },
  { value: 'is null', label: 'is empty' },
  { value: 'is not null', label: 'is not empty' },
];

export const takesValue = (operator: string): boolean => !operator.startsWith('is ');

export const newRule = (): ExposureRule => ({ column: '', operator: 'is true', value: '' });

export const newExposure = (): Exposure => ({ table: '', exposed: newRule(), eligible: null });

/** The setting as it is sent: no value where the operator takes none. */
export function sent(exposure: Exposure | null): Exposure | null {
  const rule = (one: ExposureRule): ExposureRule => ({
    ...one,
    value: takesValue(one.operator) ? one.value : '',
  });
  if (exposure === null) return null;
  const { table, exposed, eligible } = exposure;
  return { table, exposed: rule(exposed), eligible: eligible && rule(eligible) };
}

/** What is missing, by the program's names of the fields. */
export function exposureFaults(exposure: Exposure | null): Record<string, string> {
  const found: Record<string, string> = {};
  if (exposure === null) return found;
  if (exposure.table === '') found['exposure.table'] = 'The table with one row for each user.';
  for (const [side, rule] of [
    ['exposed', exposure.exposed],
    ['eligible', exposure.eligible],
  ] as const) {
    if (rule === null) continue;
    if (rule.column === '') found[`exposure.${side}.column`] = 'The column that tells.';
    if (takesValue(rule.operator) && rule.value === '')
      found[`exposure.${side}.value`] = 'What it is compared with.';
  }
  return found;
}
