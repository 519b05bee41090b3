/** What the audit log shows of its answers. */
import type { Chain } from '../../contract/Chain';
import type { EntryRow } from '../../contract/EntryRow';
import type { Verification } from '../../contract/Verification';
import { count } from '../../parts/money';
import { plain } from '../../parts/status';
import type { Column } from '../../parts/table/columns';

/** Who an entry is by; the program itself has no name. */
export const whoText = ({ operator }: EntryRow): string => operator || 'the program';

/** What a row says about checkpoints. */
export const markText = ({ checkpoint }: EntryRow): string =>
  checkpoint === 'sealed' ? 'seals all before it' : checkpoint === 'exported' ? 'checkpoint exported' : '';

export const columns: Column<EntryRow>[] = [
  { id: 'seq', title: 'Entry', text: (row) => String(row.seq), align: 'end', min: 76, isSortable: true },
  { id: 'at', title: 'Time', text: (row) => row.at, min: 170 },
  { id: 'operator', title: 'Operator', text: whoText, min: 104, priority: 1 },
  { id: 'kind', title: 'Action', text: (row) => plain(row.kind), min: 128, priority: 2 },
  { id: 'object', title: 'Object', text: (row) => row.object, min: 104, priority: 5 },
  { id: 'environment', title: 'Environment', text: (row) => row.environment, min: 98, priority: 4 },
  { id: 'summary', title: 'Summary', text: (row) => row.summary, min: 220, grow: 5 },
  { id: 'hash', title: 'Hash', text: (row) => row.hash, min: 86, priority: 6 },
  { id: 'signed', title: 'Signed', text: (row) => (row.is_signed ? 'signed' : ''), min: 68, priority: 3 },
  { id: 'checkpoint', title: 'Checkpoint', text: markText, min: 98, priority: 7 },
];

export type ChainWord = 'whole' | 'refused' | 'partial' | 'broken' | 'unverified';

/** How the chain stands in one word; `refused` when the rules refuse what an entry says, `partial` when some entries were not looked at: newer ones, or old ones that a quick look at the start leaves out. */
export function chainWord({ verified, entries }: Chain): ChainWord {
  if (!verified) return 'unverified';
  if (verified.first_bad) return 'broken';
  if (verified.findings.length > 0) return 'refused';
  if (!verified.ok) return 'broken';
  return verified.entries < entries ? 'partial' : 'whole';
}

/** The newer of two verifications. */
export function newer(one: Verification | null, other: Verification | null): Verification | null {
  if (!one || !other) return one ?? other;
  return Date.parse(one.at) >= Date.parse(other.at) ? one : other;
}

/** What a verification that did not look at every entry leaves open. */
export function leftText({ verified, entries }: Chain): string {
  const left = entries - (verified?.entries ?? 0);
  return `The other ${left === 1 ? 'one was' : `${count(left)} were`} not looked at yet: “Verify all” does.`;
}

/** The signed bytes with line breaks where JSON allows them; anything else as it is. Only for reading. */
export function readable(bytes: string): string {
  try {
    return JSON.stringify(JSON.parse(bytes), null, 2);
  } catch {
    return bytes;
  }
}
