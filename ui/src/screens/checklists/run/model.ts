/** What the run page shows: the outline, the lines of the list, and where the keys lead. */
import type { Fingerprint } from '../../../contract/Fingerprint';
import type { ItemView } from '../../../contract/ItemView';
import type { RunPage } from '../../../contract/RunPage';
import type { SectionView } from '../../../contract/SectionView';
import { short, visible } from '../../../parts/text';

export interface Filter {
  text: string;
  /** A view of the list people ask for often; one of `SHOWS`. */
  show: string;
  state: string;
  kind: string;
  owner: string;
  /** Where the facts behind a line come from. */
  source: string;
  /** A section's path, joined by ` / `; with all below it. */
  section: string;
}

/** Views of the list people ask for often. */
export const SHOWS: Record<string, { label: string; has(item: ItemView): boolean }> = {
  me: { label: 'Needs me', has: (item) => item.needs_me },
  somebody: { label: 'Needs somebody', has: (item) => item.needs !== '' },
  failing: { label: 'Failing', has: ({ state }) => state === 'failed' || state === 'tripped' },
  unknown: { label: 'Unknown', has: ({ state }) => state === 'unknown' },
  stale: { label: 'Stale', has: ({ state }) => state === 'stale' },
  manual: {
    label: 'Manual, open',
    has: ({ kind, counts, is_complete }) =>
      counts && !is_complete && (kind === 'manual' || kind === 'command'),
  },
  waived: { label: 'Waived', has: ({ state }) => state === 'waived' },
};

/** The values of a part of the items that occur, each once, in their order. */
export const occurring = (values: readonly (string | null)[]): string[] =>
  [...new Set(values.filter((value) => value !== null && value !== ''))].sort() as string[];

export const pathKey = (path: readonly string[]): string => path.join(' / ');

const isUnder = (item: ItemView, section: string): boolean => {
  const path = pathKey(item.section);
  return path === section || path.startsWith(`${section} / `);
};

/** The items a filter leaves, in their order. */
export function kept(items: readonly ItemView[], filter: Filter): ItemView[] {
  const { text, show, state, kind, owner, source, section } = filter;
  const wanted = text.trim().toLowerCase();
  return items.filter(
    (item) =>
      (state === '' || item.state === state) &&
      (kind === '' || item.kind === kind) &&
      (section === '' || isUnder(item, section)) &&
      (show === '' || (SHOWS[show]?.has(item) ?? true)) &&
      (owner === '' || item.owner === owner) &&
      (source === '' || item.source === source) &&
      (wanted === '' ||
        [item.text, item.probe ?? '', item.state_text, ...item.section].some((part) =>
          part.toLowerCase().includes(wanted),
        )),
  );
}

export type Line = { line: 'section'; path: string[] } | { line: 'item'; item: ItemView; depth: number };

/** Items with a heading wherever the section changes; nested items know how deep they are. */
export function linesOf(items: readonly ItemView[]): Line[] {
  const depths = new Map<string, number>();
  const lines: Line[] = [];
  let section = '';
  for (const item of items) {
    const path = pathKey(item.section);
    if (path !== section) lines.push({ line: 'section', path: item.section });
    section = path;
    const depth = item.parent === null ? 0 : (depths.get(item.parent) ?? -1) + 1;
    depths.set(item.id, depth);
    lines.push({ line: 'item', item, depth });
  }
  return lines;
}

/** The next item after `from` that is still to be done, going round; `null` when all are done. */
export function nextOpen(items: readonly ItemView[], from: string): ItemView | null {
  const start = items.findIndex((item) => item.id === from) + 1;
  const round = [...items.slice(start), ...items.slice(0, start)];
  return round.find((item) => item.counts && !item.is_complete && item.id !== from) ?? null;
}

/** States that occur, each once, in the order in which they should be looked at. */
export function statesIn(items: readonly ItemView[]): string[] {
  const order = [
    'failed',
    'tripped',
    'warning',
    'stale',
    'unknown',
    'needs_confirmation',
    'open',
    'reopened',
    'running',
    'blocked',
    'waived',
    'confirmed',
    'verified',
    'not_applicable',
    'armed',
  ];
  const place = (state: string) => (order.indexOf(state) + order.length + 1) % (order.length + 1);
  return [...new Set(items.map((item) => item.state))].sort((a, b) => place(a) - place(b));
}

/** What of a section is complete, failed and left, as parts of one bar. */
export const sectionParts = (section: SectionView) => [
  { value: section.complete, tone: 'ok' as const },
  { value: section.failed, tone: 'fail' as const },
];

/** The last heading of a section: what the outline shows, the rest is its place. */
export const heading = (path: readonly string[]): string => path.at(-1) ?? '';

const HOUR_MS = 3_600_000;

/** How long the newest result of a line still counts, in a few words; empty where nothing grows old. */
export function freshText({ fresh_until }: ItemView, now: number): string {
  if (fresh_until === null) return '';
  const hours = Math.floor((Date.parse(fresh_until) - now) / HOUR_MS);
  if (hours < 0) return 'too old';
  if (hours < 1) return 'fresh < 1 h';
  return hours < 48 ? `fresh ${hours} h` : `fresh ${Math.floor(hours / 24)} days`;
}

/** What the list says at its end, once its run has ended with every line complete. */
export const farewell = ({ ended_at, closing, brief }: RunPage): string =>
  ended_at !== null && brief.complete === brief.total ? closing : '';

/** Names in a line: two of them, and how many more there are. */
export const peopleText = (names: readonly string[]): string =>
  names.length > 3 ? `${names.slice(0, 2).join(', ')} and ${names.length - 2} more` : names.join(', ');

/** What somebody wrote as special about the run, on one line. */
export const specialText = ({ form }: Pick<RunPage, 'form'>): string =>
  visible(form.find(({ field }) => field === 'special_considerations')?.value ?? '').replace(/\s+/g, ' ');

/** Who is expected to sign, each once. */
export const expectedNames = ({ expected }: Pick<RunPage, 'expected'>): string[] => [
  ...new Set(expected.filter(({ operator }) => operator !== null).map(({ person }) => person)),
];

/** Each role with who is expected for it, as lines. */
export const expectedTip = ({ expected }: Pick<RunPage, 'expected'>): string =>
  ['Expected to sign', ...expected.map(({ name, person }) => `${name}: ${person || 'nobody yet'}`)].join(
    '\n',
  );

/** A pinned fingerprint in short: `acct_…IHAEAL, live`, `…395195`. */
export function printText({ value }: Fingerprint): string {
  const [id = '', mode] = value.split('/');
  return [short(id), mode].filter(Boolean).join(', ');
}
