/** What lists of runs and templates show. */
import type { KindCount } from '../../contract/KindCount';
import type { RunBrief } from '../../contract/RunBrief';
import type { TemplateBrief } from '../../contract/TemplateBrief';
import type { TemplateRow } from '../../contract/TemplateRow';
import { plain } from '../../parts/status';
import type { Column } from '../../parts/table/columns';
import { plural } from '../../parts/text';

const day = (at: string | null): string => at?.slice(0, 10) ?? '';

/** Kinds of rows in the order in which they are told, with what people call them. */
export const KIND_NAMES: Record<string, string> = {
  auto: 'Automatic',
  metric: 'Metric',
  schedule: 'Scheduled',
  manual: 'By hand',
  rollback: 'Rollback',
  contact: 'Contact',
  command: 'Command',
  signoff: 'Sign-off',
  note: 'Note',
};

export const kindName = (kind: string): string => KIND_NAMES[kind] ?? plain(kind);

/** How a row is proved, in a few words. */
export const STRENGTHS: Record<string, string> = {
  full: 'A check alone decides',
  partial: 'A check, then a person confirms the rest',
  assist: 'A person decides; data are shown',
  human: 'A person decides',
};

export const SOURCES: Record<string, string> = { built_in: 'Built in', imported: 'Imported', own: 'Own' };

/** Counts by kind as words, kinds without rows left out: `69 automatic, 30 metric`. */
export const countsText = (counts: readonly KindCount[]): string =>
  counts
    .filter(({ count }) => count > 0)
    .map(({ kind, count }) => `${count} ${kindName(kind).toLowerCase()}`)
    .join(', ');

/** What of a run is complete, failed and not known, as parts of one bar. */
export const runParts = (run: RunBrief) => [
  { value: run.complete, tone: 'ok' as const },
  { value: run.failed, tone: 'fail' as const },
  { value: run.unknown, tone: 'unknown' as const },
];

/** How far a run is, in one text. */
export function progressText(run: RunBrief): string {
  const parts = [`${run.complete} of ${run.total}`];
  if (run.failed > 0) parts.push(`${run.failed} failed`);
  if (run.unknown > 0) parts.push(`${run.unknown} unknown`);
  return parts.join(', ');
}

/** What proves a row: its check, else how a person does. */
export const probeText = (row: TemplateRow): string =>
  row.probe ?? STRENGTHS[row.strength] ?? plain(row.strength);

export const runColumns: Column<RunBrief>[] = [
  { id: 'name', title: 'Run', text: (run) => run.name, min: 260, grow: 5 },
  { id: 'environment', title: 'Environment', text: (run) => run.environment, min: 116, priority: 2 },
  { id: 'progress', title: 'Progress', text: progressText, min: 240, grow: 1 },
  {
    id: 'signatures',
    title: 'Signed',
    text: (run) => `${run.signatures} of ${run.signatures_needed}`,
    min: 84,
  },
  { id: 'waits_for', title: 'Waits for', text: (run) => run.waits_for, min: 220, grow: 3, priority: 1 },
  { id: 'started_at', title: 'Began', text: (run) => day(run.started_at), min: 108, priority: 3 },
];

export const templateColumns: Column<TemplateBrief>[] = [
  { id: 'name', title: 'Template', text: (one) => one.name, min: 220, grow: 3 },
  { id: 'version', title: 'Version', text: (one) => String(one.version), min: 76 },
  { id: 'source', title: 'Source', text: (one) => SOURCES[one.source] ?? plain(one.source), min: 96 },
  {
    id: 'rows',
    title: 'Rows',
    text: (one) => `${plural(one.rows, 'row')}: ${countsText(one.counts)}`,
    min: 240,
    grow: 4,
    priority: 1,
  },
  { id: 'hash', title: 'Content hash', text: (one) => one.hash, min: 128, priority: 3 },
  { id: 'used_at', title: 'Last used', text: (one) => day(one.used_at), min: 110, priority: 2 },
];

export const rowColumns: Column<TemplateRow>[] = [
  { id: 'line', title: 'Line', text: (row) => String(row.line), align: 'end', min: 66 },
  { id: 'text', title: 'Item', text: (row) => row.text, min: 240, grow: 5 },
  { id: 'kind', title: 'Kind', text: (row) => kindName(row.kind), min: 100 },
  { id: 'section', title: 'Section', text: (row) => row.section.join(' / '), min: 180, grow: 3, priority: 3 },
  { id: 'probe', title: 'Proved by', text: probeText, min: 236, grow: 2, priority: 1 },
  { id: 'freshness', title: 'Counts for', text: (row) => row.freshness, min: 96, priority: 4 },
];

/** Rows that hold a text anywhere, of one kind when one is given. */
export function kept(rows: readonly TemplateRow[], text: string, kind: string): TemplateRow[] {
  const wanted = text.trim().toLowerCase();
  return rows.filter(
    (row) =>
      (kind === '' || row.kind === kind) &&
      (wanted === '' ||
        [row.text, row.probe ?? '', ...row.section].some((part) => part.toLowerCase().includes(wanted))),
  );
}
