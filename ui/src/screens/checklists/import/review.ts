/** What a person decides about the rows of an imported checklist, before it is kept. */
import type { RowDecision } from '../../../contract/RowDecision';
import type { TemplatePreview } from '../../../contract/TemplatePreview';
import type { TemplateRow } from '../../../contract/TemplateRow';
import type { Column } from '../../../parts/table/columns';
import type { CheckChoice } from '../../../contract/CheckChoice';
import { KIND_NAMES, kindName } from '../model';

/** Longest source, as the program takes it. */
export const SOURCE_BYTES_MAX = 1_048_576;

/** What was decided about a row; `limit` is `null` for the one that was read. */
interface Decision {
  kind: string;
  probe: string;
  limit: string | null;
}

export type Decisions = Record<string, Decision>;

/** Why a text cannot be read as a checklist at all. */
export function sourceFault(text: string): string | null {
  if (text.trim() === '') return 'Paste a checklist (Markdown, CSV or JSON), or choose a file.';
  const bytes = new TextEncoder().encode(text).length;
  return bytes > SOURCE_BYTES_MAX
    ? `The text has ${bytes.toLocaleString('en-US')} bytes; the limit is 1 MiB.`
    : null;
}

/** The kind a row will have. */
export const kindOf = (row: TemplateRow, decisions: Decisions): string => decisions[row.id]?.kind || row.kind;

/** The check a row will have: an id, `none`, or empty for the one that was suggested. */
export const probeOf = (row: TemplateRow, decisions: Decisions): string => decisions[row.id]?.probe ?? '';

/** The limit a row will have, as people write it. */
export const limitOf = (row: TemplateRow, decisions: Decisions): string =>
  decisions[row.id]?.limit ?? row.limit ?? '';

/** Kinds a row may be given; what any other is follows from what it looks like. */
export const kindChoices = (row: TemplateRow): { value: string; label: string }[] => {
  const free = ['auto', 'metric', 'manual', 'rollback'];
  const kinds = free.includes(row.kind) ? free : row.kind === 'schedule' ? [...free, 'schedule'] : [row.kind];
  return kinds.map((value) => ({ value, label: KIND_NAMES[value] ?? value }));
};

/** Kinds that a check decides. */
const OF_CHECKS = ['auto', 'metric'];

/** Remembers a decision; one that says nothing new is forgotten. A line that no check decides is done by hand. */
export function decide(decisions: Decisions, row: TemplateRow, change: Partial<Decision>): Decisions {
  const next = { ...(decisions[row.id] ?? { kind: '', probe: '', limit: null }), ...change };
  if (next.limit?.trim() === (row.limit ?? '')) next.limit = null;
  if (change.probe === 'none' && OF_CHECKS.includes(next.kind || row.kind)) next.kind = 'manual';
  if (change.probe === '' || next.kind === row.kind) next.kind = '';
  const { [row.id]: _forgotten, ...others } = decisions;
  return next.kind === '' && next.probe === '' && next.limit === null
    ? others
    : { ...others, [row.id]: next };
}

export const decisionList = (decisions: Decisions): RowDecision[] =>
  Object.entries(decisions).map(([row, decision]) => ({ row, ...decision }));

/** Suggestions nobody has decided about yet. */
export const undecided = (rows: readonly TemplateRow[], decisions: Decisions): number =>
  rows.filter((row) => row.is_suggested && row.probe !== null && probeOf(row, decisions) === '').length;

export type Show = 'all' | 'suggested' | 'changed' | 'odd';

/** Rows worth a look, by what one looks for. */
export function shown(preview: TemplatePreview, decisions: Decisions, show: Show): TemplateRow[] {
  const odd = new Set(preview.problems.map((problem) => problem.line));
  return preview.rows.filter((row) => {
    if (show === 'suggested') return row.is_suggested && row.probe !== null;
    if (show === 'changed') return decisions[row.id] !== undefined;
    return show === 'all' || odd.has(row.line);
  });
}

/**
 * What may prove a row: what was read first, as a suggestion and confirmed, then nobody but a person, then every other
 * check and metric there is.
 */
export function choicesOf(row: TemplateRow, checks: readonly CheckChoice[]) {
  const own = !row.probe
    ? [{ value: '', label: 'A person' }]
    : row.is_suggested
      ? [
          { value: '', label: `Suggested: ${row.probe}` },
          { value: row.probe, label: `Confirmed: ${row.probe}` },
        ]
      : [{ value: '', label: row.probe }];
  const none = row.probe ? [{ value: 'none', label: 'A person, no check' }] : [];
  const others = checks
    .filter(({ id }) => id !== row.probe)
    .map(({ id, name }) => ({ value: id, label: `${id}, ${name}` }));
  return [...own, ...none, ...others];
}

/** The columns of the review; kind and proof show what was decided. */
export const columnsOf = (decisions: Decisions): Column<TemplateRow>[] => [
  { id: 'line', title: 'Line', text: (row) => String(row.line), align: 'end', min: 66 },
  { id: 'text', title: 'Item', text: (row) => row.text, min: 220, grow: 4 },
  {
    id: 'section',
    title: 'Section',
    text: (row) => row.section.join(' / '),
    min: 170,
    grow: 2,
    priority: 2,
  },
  { id: 'kind', title: 'Kind', text: (row) => kindName(kindOf(row, decisions)), min: 140 },
  {
    id: 'probe',
    title: 'Proved by',
    text: (row) => probeOf(row, decisions) || (row.probe ?? ''),
    min: 280,
    grow: 2,
  },
  { id: 'limit', title: 'Limit', text: (row) => limitOf(row, decisions), min: 116 },
  { id: 'fresh', title: 'Counts for', text: (row) => row.freshness, min: 100, priority: 3 },
];
