/** What the sign page shows: slots in their groups, and what may be signed now. */
import type { ItemSaid } from '../../../contract/ItemSaid';
import type { SignatureSlot } from '../../../contract/SignatureSlot';
import { plain } from '../../../parts/status';

export const MEANINGS = [
  { word: 'approve', label: 'Approve', about: 'I answer for this: it may go on.' },
  { word: 'review', label: 'Reviewed only', about: 'I have read it; it does not count as an approval.' },
  {
    word: 'reject',
    label: 'Reject',
    about: 'It must not go on; my comment says why, and lines can be opened again.',
  },
] as const;

export type Meaning = (typeof MEANINGS)[number]['word'];

/** What somebody did with a signature, in the middle of a sentence. */
export const meaningText = (word: string): string =>
  ({ approve: 'approved', review: 'reviewed', reject: 'rejected' })[word] ?? word;

/** What tells slots apart: one role may sign several things, and one thing is signed by several roles. */
export type SlotName = Pick<SignatureSlot, 'role' | 'scope'>;

export const slotKey = ({ role, scope }: SlotName): string => `${scope}-${role}`;

/** Whether one of the roles somebody holds is the one a slot is for; of several lines of a role the later are numbered. */
export const isHeld = (held: readonly string[], { role }: SlotName): boolean =>
  held.includes(role) || held.includes(role.replace(/_\d+$/, ''));

/** What people call the role of a slot, whether or not the run has it. */
export const nameOf = (slots: readonly SignatureSlot[], one: SlotName): string =>
  slots.find((slot) => slotKey(slot) === slotKey(one))?.name ?? plain(one.role);

export interface Group {
  name: string;
  order: number;
  /** Whether it signs the whole run rather than a phase of it. */
  isOfRun: boolean;
  slots: SignatureSlot[];
}

/** Slots by group, in the order in which the groups sign: those of the phases, then those of the whole run. */
export function groupsOf(slots: readonly SignatureSlot[]): Group[] {
  const groups = new Map<string, Group>();
  for (const slot of slots) {
    const isOfRun = slot.scope === 'run';
    const key = `${isOfRun} ${slot.group}`;
    const group = groups.get(key) ?? { name: slot.group, order: slot.order, isOfRun, slots: [] };
    group.slots.push(slot);
    groups.set(key, group);
  }
  return [...groups.values()].sort((a, b) => Number(a.isOfRun) - Number(b.isOfRun) || a.order - b.order);
}

/** States in which a role may sign: for the first time, again after a change, a rejection, or the end of a key. */
const SIGNABLE = ['open', 'outdated', 'rejected', 'void'];

/** What a slot waits for, in a sentence; `null` when it can be signed now. */
export function holds(slot: SignatureSlot): string | null {
  if (slot.state === 'signed') return `Signed${slot.by ? ` by ${slot.by}` : ''}.`;
  return SIGNABLE.includes(slot.state) ? null : slot.waits_for || 'It cannot be signed now.';
}

/** Lines whose text holds what was typed, and those chosen already, in their order; without what the run is bound to. */
export const linesNamed = (lines: readonly ItemSaid[], text: string, chosen: readonly string[]): ItemSaid[] =>
  lines.filter(
    ({ item, label }) =>
      item !== null && (chosen.includes(item) || label.toLowerCase().includes(text.trim().toLowerCase())),
  );

/** Ending of the files that carry requests and signatures. */
export const FILE_KINDS = ['json'];

const named = (release: string, role: string, what: string): string =>
  `${`${release}-${role}`.replace(/[^A-Za-z0-9._-]+/g, '-')}-${what}.json`;

/** Name proposed for the file that asks. */
export const requestName = (release: string, role: string): string => named(release, role, 'request');

/** Name proposed for the file that answers. */
export const signatureName = (release: string, role: string): string => named(release, role, 'signature');

/** Why nobody elsewhere can be asked now; `null` when somebody can. */
export function whyNotAsk(slot: SignatureSlot | undefined, hasOperator: boolean): string | null {
  if (!slot) return 'Choose what is to be signed first';
  return holds(slot) ?? (hasOperator ? null : 'Choose an operator first');
}

/** The slot to begin with: the asked one, else the first this person can sign, else the first that can be signed. */
export function slotToSign(
  slots: readonly SignatureSlot[],
  asked: SlotName,
  held: readonly string[],
): SignatureSlot | undefined {
  const open = slots.filter((slot) => holds(slot) === null);
  return (
    slots.find((slot) => slotKey(slot) === slotKey(asked)) ??
    open.find((slot) => isHeld(held, slot)) ??
    open[0]
  );
}

/** Why there is nothing to choose. */
export const nothingText = (slots: readonly SignatureSlot[]): string =>
  slots.every(({ state }) => state === 'signed')
    ? 'Every role has signed.'
    : 'No slot can be signed now; each says what it waits for.';

/** Why a comment is not enough: a rejection says why. */
export const commentFault = (meaning: Meaning, comment: string): string | null =>
  meaning === 'reject' && comment.trim().length < 3
    ? 'A rejection says why, so that it can be mended.'
    : null;

/** What the ledger holds of a signature, beside its words. */
export function machineFacts(slot: SignatureSlot): [string, string][] {
  const facts: [string, string | null][] = [
    ['Entry', slot.seq === null ? null : String(slot.seq)],
    ['Evidence root', slot.root],
    ['Key', slot.key],
    ['Signed at', slot.at],
  ];
  return facts.filter((fact): fact is [string, string] => fact[1] !== null && fact[1] !== '');
}
