/** What a person decides about the rows of an imported checklist, before it is kept. */
import type { RowDecision } from '../../../contract/RowDecision';
import type { TemplatePreview } from '../../../contract/TemplatePreview';
import type { TemplateRow } from '../../../contract/TemplateRow';
import type { Column } from '../../../parts/table/columns';
import { kindName } from '../model';

/** Longest source, as the program takes it. */
export const SOURCE_BYTES_MAX = 1_048_576;

export type Decisions = Record<string, { kind: string; probe: string }>;

/** Why a text cannot be read as a checklist at all. */
export function sourceFault(text: string): string | null {
  if (text.trim() === '') return 'Paste the Markdown of a checklist, or choose a file.';
  const bytes = new TextEncoder().encode(text).length;
  return bytes > SOURCE_BYTES_MAX
    ? `The text has ${bytes.toLocaleString('en-US')} bytes; the limit is 1 MiB.`
    : null;
}

/** The kind a row will have. */
export const kindOf = (row: TemplateRow, decisions: Decisions): string => decisions[row.id]?.kind || row.kind;

/** The check a row will have: an id, `none`, or empty for the one that was suggested. */
export const probeOf = (row: TemplateRow, decisions: Decisions): string => decisions[row.id]?.probe ?? '';

/** Kinds that a check decides. */
const OF_CHECKS = ['auto', 'metric'];

/** Remembers a decision; one that says nothing new is forgotten. A line that no check decides is done by hand. */
export function decide(
  decisions: Decisions,
  row: TemplateRow,
  change: { kind?: string; probe?: string },
): Decisions {
  const next = { ...(decisions[row.id] ?? { kind: '', probe: '' }), ...change };
  if (change.probe === 'none' && OF_CHECKS.includes(next.kind || row.kind)) next.kind = 'manual';
  if (change.probe === '' || next.kind === row.kind) next.kind = '';
  const { [row.id]: _forgotten, ...others } = decisions;
  return next.kind === '' && next.probe === '' ? others : { ...others, [row.id]: next };
}

export const decisionList = (decisions: Decisions): RowDecision[] =>
  Object.entries(decisions).map(([row, { kind, probe }]) => ({ row, kind, probe }));

/** Every check named in a preview, once, in order: what a row may be given instead. */
export const probesIn = ({ rows }: TemplatePreview): string[] =>
  [...new Set(rows.map((row) => row.probe).filter((probe): probe is string => probe !== null))].sort();

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
 * probe of the source.
 */
export function choicesOf(row: TemplateRow, probes: readonly string[]) {
  const own = !row.probe
    ? [{ value: '', label: 'A person' }]
    : row.is_suggested
      ? [
          { value: '', label: `Suggested: ${row.probe}` },
          { value: row.probe, label: `Confirmed: ${row.probe}` },
        ]
      : [{ value: '', label: row.probe }];
  const none = row.probe ? [{ value: 'none', label: 'A person, no check' }] : [];
  const others = probes
    .filter((probe) => probe !== row.probe)
    .map((probe) => ({ value: probe, label: probe }));
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
    min: 320,
    grow: 2,
  },
];
