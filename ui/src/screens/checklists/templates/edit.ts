/** An edit of a template: the lines as they are being changed, moved, added and taken away. Pure; nothing is kept here. */
import type { CheckChoice } from '../../../contract/CheckChoice';
import type { RowDraft } from '../../../contract/RowDraft';
import type { Column } from '../../../parts/table/columns';
import { KIND_NAMES, kindName } from '../model';

export const NAME_CHARS_MAX = 120;
/** Longest text of a line, and longest rule or help. */
export const WORDS_CHARS_MAX = 2_000;
const HOURS_MAX = 366 * 24;

/** Kinds a line may change between. */
const CHOSEN = ['auto', 'metric', 'manual', 'schedule', 'rollback'];
/** Kinds that look like nothing else, so that only a new line may become one. */
const SHAPED = ['command', 'contact', 'signoff', 'note'];

/** Why a name is none. */
export const nameFault = (name: string): string | null =>
  name.trim() === '' ? 'Give it a name nobody uses yet.' : null;

/** Whether a line was made here and is not kept yet. */
export const isNew = (row: RowDraft): boolean => row.id.startsWith(NEW);

/** Kinds a line may have: every one while it is new, then those it may change to, or the one it has. */
export const kindsOf = (row: RowDraft): { value: string; label: string }[] =>
  (isNew(row) ? [...CHOSEN, ...SHAPED] : CHOSEN.includes(row.kind) ? CHOSEN : [row.kind]).map((value) => ({
    value,
    label: KIND_NAMES[value] ?? value,
  }));

/** Whether a person or a check decides a line of this kind, and a limit, a freshness and roles mean anything. */
export const isDecided = (row: RowDraft): boolean => !SHAPED.includes(row.kind) || row.kind === 'command';

/** What may decide a line of a kind: nobody but a person, checks, or values. */
export function checksFor(row: RowDraft, checks: readonly CheckChoice[]): { value: string; label: string }[] {
  const fits = checks.filter(({ id, is_metric }) =>
    id === row.probe ? true : row.kind === 'metric' ? is_metric : row.kind === 'auto' ? !is_metric : true,
  );
  return [
    ...(row.kind === 'auto' && row.probe !== ''
      ? []
      : [{ value: '', label: row.kind === 'auto' ? 'Choose a check' : 'A person' }]),
    ...fits.map(({ id, name }) => ({ value: id, label: `${id}, ${name}` })),
  ];
}

/** The line with another kind; what cannot decide that kind is taken off. */
export function withKind(row: RowDraft, kind: string): RowDraft {
  const isMetric = row.probe.startsWith('metric.');
  const stays =
    kind === 'metric' ? isMetric : kind === 'auto' ? row.probe !== '' && !isMetric : !SHAPED.includes(kind);
  return {
    ...row,
    kind,
    probe: stays ? row.probe : '',
    remainder: kind === 'auto' ? row.remainder : '',
    schedule: kind === 'schedule' ? row.schedule : '',
    given: kind === 'contact' ? row.given : '',
  };
}

/** What the program would refuse about a line, so that it is said before. */
export function rowFault(row: RowDraft): string | null {
  if (row.text.trim() === '') return 'A line has a text.';
  if (row.kind === 'auto' && row.probe === '') return 'An automatic line names the check that decides it.';
  if (row.limit.trim() !== '' && !/[<>≤≥]|than |at (least|most) |above |below |under /i.test(row.limit))
    return 'A limit is a sign and a number, such as > 99 %.';
  if (row.kind === 'schedule' && row.schedule.trim() === '')
    return 'A dated line says when, such as week 1 every day.';
  const hours = row.fresh_hours;
  if (hours !== null && !(Number.isInteger(hours) && hours >= 1 && hours <= HOURS_MAX))
    return `A result counts for 1 to ${HOURS_MAX} hours.`;
  return null;
}

/** The first line that cannot be kept. */
export const firstFault = (rows: readonly RowDraft[]): { row: RowDraft; why: string } | null => {
  for (const row of rows) {
    const why = rowFault(row);
    if (why !== null) return { row, why };
  }
  return null;
};

/** Puts a changed line in the place of the one it was. */
export const put = (rows: readonly RowDraft[], row: RowDraft): RowDraft[] =>
  rows.map((one) => (one.id === row.id ? row : one));

/** How many lines stand nested below the one at a place, at once or deeper. */
function below(rows: readonly RowDraft[], at: number): number {
  const within = new Set([rows[at]?.id]);
  let count = 0;
  for (const row of rows.slice(at + 1)) {
    if (row.parent === null || !within.has(row.parent)) break;
    within.add(row.id);
    count += 1;
  }
  return count;
}

/** Moves a line, with all that is nested in it, past its neighbour; over a heading it joins the section there. */
export function move(rows: readonly RowDraft[], id: string, by: -1 | 1): RowDraft[] {
  const at = rows.findIndex((row) => row.id === id);
  const row = rows[at];
  if (!row) return [...rows];
  const end = at + 1 + below(rows, at);
  const isBeside = (one: RowDraft | undefined) => one !== undefined && one.parent === row.parent;
  let from = by > 0 ? end : at - 1;
  while (by < 0 && from >= 0 && !isBeside(rows[from]) && rows[from]?.id !== row.parent) from -= 1;
  const neighbour = rows[from];
  if (!neighbour || !isBeside(neighbour)) return [...rows];
  const to = by > 0 ? from + 1 + below(rows, from) : from;
  const { section } = neighbour;
  const isOther = section.join('/') !== row.section.join('/');
  const block = rows.slice(at, end).map((one) => (isOther ? { ...one, section } : one));
  return by > 0
    ? [...rows.slice(0, at), ...rows.slice(end, to), ...block, ...rows.slice(to)]
    : [...rows.slice(0, to), ...block, ...rows.slice(to, at), ...rows.slice(end)];
}

/** What ids of lines begin with that are not kept yet. */
const NEW = 'new line ';
let added = 0;

/** A new line below another one, in its section; a person decides it until something else is chosen. */
export function add(rows: readonly RowDraft[], after: string): { rows: RowDraft[]; id: string } {
  const at = rows.findIndex((row) => row.id === after);
  const beside = rows[at] ?? rows.at(-1);
  const to = at < 0 ? rows.length : at + 1 + below(rows, at);
  added += 1;
  const row: RowDraft = {
    id: `${NEW}${added}`,
    text: '',
    section: beside?.section ?? [],
    kind: 'manual',
    probe: '',
    is_suggested: false,
    remainder: '',
    rule: '',
    help: '',
    limit: '',
    fresh_hours: null,
    confirm: [],
    may_be_na: false,
    schedule: '',
    given: '',
    parent: beside?.parent ?? null,
  };
  return { rows: [...rows.slice(0, to), row, ...rows.slice(to)], id: row.id };
}

/** Takes a line away; what was nested in it stands where it stood. */
export const remove = (rows: readonly RowDraft[], id: string): RowDraft[] => {
  const gone = rows.find((row) => row.id === id);
  return rows
    .filter((row) => row.id !== id)
    .map((row) => (row.parent === id ? { ...row, parent: gone?.parent ?? null } : row));
};

/** Whether anything is other than it was. */
export const isChanged = <T>(now: readonly T[], before: readonly T[]): boolean =>
  JSON.stringify(now) !== JSON.stringify(before);

/** How a section is written where one is chosen. */
export const sectionName = (section: readonly string[]): string => section.join(' / ');

/** The sections there are, in their order. */
export const sectionsOf = (rows: readonly RowDraft[]): string[][] => [
  ...new Map(rows.map(({ section }) => [JSON.stringify(section), section])).values(),
];

/** Gives the innermost heading of a section another name, for every line under it. */
export function renamed(
  rows: readonly RowDraft[],
  section: readonly string[],
  heading: string,
): { rows: RowDraft[]; count: number } {
  const depth = section.length;
  const isUnder = (row: RowDraft) => sectionName(row.section.slice(0, depth)) === sectionName(section);
  const moved = (row: RowDraft) => [...section.slice(0, -1), heading, ...row.section.slice(depth)];
  return {
    rows: rows.map((row) => (depth > 0 && isUnder(row) ? { ...row, section: moved(row) } : row)),
    count: depth > 0 ? rows.filter(isUnder).length : 0,
  };
}

/** Puts a line into another section, behind the last line of it, with all that is nested in it. */
export function moveTo(rows: readonly RowDraft[], id: string, section: readonly string[]): RowDraft[] {
  const at = rows.findIndex((row) => row.id === id);
  const row = rows[at];
  if (!row) return [...rows];
  const end = at + 1 + below(rows, at);
  const block = rows.slice(at, end).map((one) => ({ ...one, section: [...section] }));
  const [first, ...nested] = block;
  const rest = [...rows.slice(0, at), ...rows.slice(end)];
  const last = rest.findLastIndex((one) => sectionName(one.section) === sectionName(section));
  if (!first) return [...rows];
  return [...rest.slice(0, last + 1), { ...first, parent: null }, ...nested, ...rest.slice(last + 1)];
}

/** Ids of lines that are new or other than they were. */
export function changedIds(rows: readonly RowDraft[], before: readonly RowDraft[]): Set<string> {
  const was = new Map(before.map((row) => [row.id, JSON.stringify(row)]));
  return new Set(rows.filter((row) => was.get(row.id) !== JSON.stringify(row)).map((row) => row.id));
}

export const editColumns = (changed: ReadonlySet<string>): Column<RowDraft>[] => [
  {
    id: 'mark',
    title: 'Changed',
    text: (row) => (changed.has(row.id) ? 'Changed' : ''),
    min: 88,
    priority: 2,
  },
  { id: 'text', title: 'Item', text: (row) => row.text, min: 200, grow: 5 },
  { id: 'kind', title: 'Kind', text: (row) => kindName(row.kind), min: 100 },
  { id: 'section', title: 'Section', text: (row) => row.section.join(' / '), min: 180, grow: 2, priority: 3 },
  { id: 'probe', title: 'Proved by', text: (row) => row.probe || 'A person', min: 236, grow: 3, priority: 1 },
];
