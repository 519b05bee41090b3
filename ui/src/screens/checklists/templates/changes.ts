/** What differences of templates are called, and which are worth a look. */
import type { PhaseChange } from '../../../contract/PhaseChange';
import type { RowChange } from '../../../contract/RowChange';
import { plural } from '../../../parts/text';

/** Parts of a line, as people say them. */
export const FIELD_NAMES: Record<string, string> = {
  text: 'Text',
  kind: 'Kind',
  proof: 'Proved by',
  strength: 'Strength',
  rule: 'Rule',
  help: 'Help',
  limit: 'Limit',
  fresh_hours: 'Counts for (hours)',
  confirm: 'May confirm',
  optional: 'May not apply',
  parent: 'Nested in',
  phase: 'Phase',
  schedule: 'Schedule',
  indicator: 'Indicator',
  section: 'Section',
  detail: 'Further text',
  order: 'Order',
  name: 'Name',
  exposure_pct: 'Share of users (%)',
  tolerance_points: 'Within (points)',
  soak_hours: 'Soak (hours)',
  signed_by: 'Signed by',
};

/** A value, or that there is none. */
export const told = (value: string): string => (value === '' ? 'none' : value);

/** How much differs: `1 phase differs; lines: 1 added, 2 changed, 1 moved, 1 removed`. */
export function changesText(phases: readonly PhaseChange[], changes: readonly RowChange[]): string {
  const lines = linesText(changes);
  if (phases.length === 0) return lines;
  const other = `${plural(phases.length, 'phase')} ${phases.length === 1 ? 'differs' : 'differ'}`;
  return changes.length === 0 ? other : `${other}; lines: ${lines}`;
}

function linesText(changes: readonly RowChange[]): string {
  const words = { added: 'added', rule_changed: 'changed', moved: 'moved', removed: 'removed' } as const;
  const counts = Object.entries(words).map(([kind, word]) => ({
    word,
    count: changes.filter((change) => change.kind === kind).length,
  }));
  const parts = counts.filter(({ count }) => count > 0).map(({ count, word }) => `${count} ${word}`);
  return parts.length === 0 ? 'No line differs' : parts.join(', ');
}

/** What an upgrade costs: lines whose rule changed start again. */
export function upgradeText(phases: readonly PhaseChange[], changes: readonly RowChange[]): string {
  const again = changes.filter(({ kind }) => kind === 'rule_changed').length;
  const gone = changes.filter(({ kind }) => kind === 'removed').length;
  return [
    again === 0
      ? 'No line starts again'
      : `${plural(again, 'line')} ${again === 1 ? 'starts' : 'start'} again`,
    gone === 0 ? '' : `${plural(gone, 'line')} no longer ${gone === 1 ? 'counts' : 'count'}`,
    phases.length === 0 ? '' : 'the gates go by the new phases at once',
    'every other line keeps its results, evidence and notes',
  ]
    .filter(Boolean)
    .join('; ')
    .concat('.');
}
