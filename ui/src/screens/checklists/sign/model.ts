/** What the sign page shows: slots in their groups, and what may be signed now. */
import type { SignatureSlot } from '../../../contract/SignatureSlot';

export const MEANINGS = [
  { word: 'approve', label: 'Approve', about: 'I answer for this: it may go on.' },
  { word: 'review', label: 'Reviewed only', about: 'I have read it; it does not count as an approval.' },
  { word: 'reject', label: 'Reject', about: 'It must not go on; my comment says why.' },
] as const;

export type Meaning = (typeof MEANINGS)[number]['word'];

export interface Group {
  name: string;
  order: number;
  slots: SignatureSlot[];
}

/** Slots by group, in the order in which the groups sign. */
export function groupsOf(slots: readonly SignatureSlot[]): Group[] {
  const groups = new Map<string, Group>();
  for (const slot of slots) {
    const group = groups.get(slot.group) ?? { name: slot.group, order: slot.order, slots: [] };
    group.slots.push(slot);
    groups.set(slot.group, group);
  }
  return [...groups.values()].sort((a, b) => a.order - b.order);
}

/** Whether a slot can be signed now. */
export const isSignable = ({ state }: SignatureSlot): boolean => state === 'open' || state === 'outdated';

/** The role to begin with: the asked one, else the first open one this person holds, else the first open one. */
export function roleToSign(slots: readonly SignatureSlot[], asked: string, held: readonly string[]): string {
  const open = slots.filter(isSignable);
  if (slots.some((slot) => slot.role === asked)) return asked;
  return (open.find((slot) => held.includes(slot.role)) ?? open[0])?.role ?? '';
}

/** Why a comment is not enough: a rejection says why. */
export const commentFault = (meaning: Meaning, comment: string): string | null =>
  meaning === 'reject' && comment.trim().length < 3
    ? 'A rejection says why, so that it can be mended.'
    : null;
