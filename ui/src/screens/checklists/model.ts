/** What lists of runs and templates show. */
import type { KindCount } from '../../contract/KindCount';
import type { RunBrief } from '../../contract/RunBrief';
import type { TemplateBrief } from '../../contract/TemplateBrief';
import type { TemplateRow } from '../../contract/TemplateRow';
import type { Facet } from '../../parts/facets';
import { plain, statusOf } from '../../parts/status';
import type { Column } from '../../parts/table/columns';
import { plural, visible } from '../../parts/text';

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

/** Who may complete a row: by its kind, how it is proved, and the roles it names. */
export function whoConfirms({ text, kind, strength, probe, confirm }: Completed): string {
  const who = confirm.length === 0 ? 'Anyone who works on the run' : confirm.map(plain).join(' or ');
  const isPersons = probe === null || strength === 'assist' || strength === 'human';
  if (kind === 'signoff') return 'Whoever holds the role, by signing';
  if (kind === 'contact' || probe?.startsWith('run.note.')) return `${who}, by filling it in`;
  if (kind === 'note') return 'Nobody; the gates keep it';
  if (kind === 'schedule') return `${who}, date by date`;
  if (kind === 'rollback') return `${who}, under Rollback`;
  if (kind === 'command') return `${who}, after running it`;
  if (isPersons) return who;
  if (kind === 'metric') return 'Nobody; the value decides';
  if (text.endsWith(':')) return 'Nobody; the lines below decide';
  return strength === 'full' ? `${who}, and only a warning` : who;
}
type Completed = Pick<TemplateRow, 'text' | 'kind' | 'strength' | 'probe' | 'confirm'>;

export const SOURCES: Record<string, string> = { built_in: 'Built in', imported: 'Imported', own: 'Own' };

/** Counts by kind as words, kinds without rows left out: `69 automatic, 30 metric`. */
export const countsText = (counts: readonly KindCount[]): string =>
  counts
    .filter(({ count }) => count > 0)
    .map(({ kind, count }) => `${count} ${kindName(kind).toLowerCase()}`)
    .join(', ');

/** What of a run is complete, waived, failed and not known, as parts of one bar. */
export const runParts = (run: RunBrief) => [
  { value: run.complete - run.waived, tone: 'ok' as const },
  { value: run.waived, tone: 'warn' as const },
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

/** Every count of a run as words: `58 verified, 10 confirmed, 53 open`; those of nothing are left out. */
export const standText = (run: RunBrief): string =>
  (['verified', 'confirmed', 'waived', 'open', 'failed', 'unknown'] as const)
    .filter((word) => run[word] > 0)
    .map((word) => `${run[word]} ${word}`)
    .join(', ');

/** The word of a run's gate: that one was overridden is said for ever. */
export const gateWord = (run: RunBrief): string => (run.is_overridden ? 'overridden' : run.gate);

/** The gate in words: an override does not hide what the gate says now. */
export function gateText(run: RunBrief): string {
  const now = run.gate === '' ? 'Not evaluated' : statusOf('gate', run.gate).label;
  return run.is_overridden ? `Overridden, ${now.toLowerCase()}` : now;
}

/** Whether a run goes on behind the end of its window. */
export const isLate = (run: RunBrief, now: number): boolean =>
  !run.is_over && run.due_at !== null && Date.parse(run.due_at) < now;

/** What runs can be narrowed to by their state. */
export const RUN_STATES: Record<string, { label: string; has(run: RunBrief): boolean }> = {
  active: { label: 'Active', has: (run) => !run.is_over },
  failing: { label: 'Failing', has: (run) => !run.is_over && run.failed > 0 },
  unknown: { label: 'With unknown lines', has: (run) => !run.is_over && run.unknown > 0 },
  open: { label: 'With open lines', has: (run) => !run.is_over && run.open > 0 },
  sign: {
    label: 'To sign',
    has: (run) => !run.is_over && run.complete === run.total && run.signatures < run.signatures_needed,
  },
  over: { label: 'Over', has: (run) => run.is_over },
};

/** The owner that stands for whoever works here. */
export const ME = 'me';

export interface RunFilter {
  text: string;
  state: string;
  /** `me`, or the name of an owner. */
  owner: string;
  environment: string;
  gate: string;
}

/** The runs a filter leaves, in their order. */
export function keptRuns(runs: readonly RunBrief[], filter: RunFilter): RunBrief[] {
  const { state, owner, environment, gate } = filter;
  const wanted = filter.text.trim().toLowerCase();
  return runs.filter(
    (run) =>
      (state === '' || (RUN_STATES[state]?.has(run) ?? true)) &&
      (owner === '' || (owner === ME ? run.is_mine : run.owner === owner)) &&
      (environment === '' || run.environment === environment) &&
      (gate === '' || gateWord(run) === gate || run.gate === gate) &&
      (wanted === '' ||
        [run.name, run.release, run.phase ?? '', run.owner, run.waits_for].some((part) =>
          part.toLowerCase().includes(wanted),
        )),
  );
}

/** What a list of runs can be narrowed by: only what occurs in it. */
export function runFacets(runs: readonly RunBrief[]): Facet[] {
  const named = (values: string[]) =>
    [...new Set(values)]
      .filter((value) => value !== '')
      .sort()
      .map((value) => ({ value, label: visible(value) }));
  const gates = named(runs.flatMap((run) => [run.gate, gateWord(run)]));
  return [
    {
      id: 'owner',
      label: 'Owner',
      options: [{ value: ME, label: 'Mine' }, ...named(runs.map((run) => run.owner))],
    },
    {
      id: 'state',
      label: 'State',
      options: Object.entries(RUN_STATES).map(([value, { label }]) => ({ value, label })),
    },
    { id: 'environment', label: 'Environment', options: named(runs.map((run) => run.environment)) },
    {
      id: 'gate',
      label: 'Gate',
      options: gates.map(({ value }) => ({ value, label: statusOf('gate', value).label })),
    },
  ];
}

/** What proves a row: its check, else how a person does. */
export const probeText = (row: TemplateRow): string =>
  row.probe ?? STRENGTHS[row.strength] ?? plain(row.strength);

export const runColumns: Column<RunBrief>[] = [
  { id: 'name', title: 'Run', text: (run) => run.name, min: 190, grow: 5 },
  { id: 'version', title: 'Version', text: (run) => `v${run.template_version}`, min: 74, priority: 8 },
  { id: 'environment', title: 'Environment', text: (run) => run.environment, min: 112, priority: 3 },
  { id: 'release', title: 'Release', text: (run) => run.release, min: 96, priority: 7 },
  { id: 'phase', title: 'Phase', text: (run) => run.phase ?? '', min: 120, grow: 3, priority: 5 },
  { id: 'progress', title: 'Progress', text: standText, min: 212, grow: 1 },
  { id: 'gate', title: 'Gate', text: gateText, min: 152 },
  { id: 'owner', title: 'Owner', text: (run) => run.owner, min: 112, grow: 1, priority: 2 },
  {
    id: 'signatures',
    title: 'Signed',
    text: (run) => `${run.signatures} of ${run.signatures_needed}`,
    min: 84,
  },
  { id: 'due_at', title: 'Due', text: (run) => day(run.due_at), min: 100, priority: 4 },
  { id: 'started_at', title: 'Began', text: (run) => day(run.started_at), min: 100, priority: 6 },
  { id: 'waits_for', title: 'Waits for', text: (run) => run.waits_for, min: 140, grow: 4, priority: 9 },
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
