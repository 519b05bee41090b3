/** What the audit log shows of its answers. */
import type { Chain } from '../../contract/Chain';
import type { EntryRow } from '../../contract/EntryRow';
import { plain } from '../../parts/status';
import type { Column } from '../../parts/table/columns';

/** Who an entry is by; the program itself has no name. */
export const whoText = ({ operator }: EntryRow): string => operator || 'the program';

export const columns: Column<EntryRow>[] = [
  { id: 'seq', title: 'Entry', text: (row) => String(row.seq), align: 'end', min: 76, isSortable: true },
  { id: 'at', title: 'Time', text: (row) => row.at, min: 186 },
  { id: 'summary', title: 'What happened', text: (row) => row.summary, min: 240, grow: 5 },
  { id: 'operator', title: 'Who', text: whoText, min: 140, grow: 1, priority: 1 },
  { id: 'environment', title: 'Environment', text: (row) => row.environment, min: 110, priority: 4 },
  { id: 'kind', title: 'Kind', text: (row) => plain(row.kind), min: 150, priority: 3 },
  { id: 'hash', title: 'Hash', text: (row) => row.hash, min: 160, priority: 2 },
];

export type ChainWord = 'whole' | 'broken' | 'unverified';

/** How the chain stands in one word. */
export function chainWord({ verified }: Chain): ChainWord {
  if (!verified) return 'unverified';
  return verified.ok ? 'whole' : 'broken';
}

/** The signed bytes with line breaks where JSON allows them; anything else as it is. Only for reading. */
export function readable(bytes: string): string {
  try {
    return JSON.stringify(JSON.parse(bytes), null, 2);
  } catch {
    return bytes;
  }
}
