/** What the page of the contacts shows: groups in the order of the list, who is called after whom, and what lacks. */
import type { Card } from '../../../../contract/Card';
import type { Contact } from '../../../../contract/Contact';
import type { Gates } from '../../../../contract/Gates';
import type { ItemView } from '../../../../contract/ItemView';
import { listed } from '../../../../parts/text';

export interface Group {
  path: string[];
  contacts: Contact[];
}

/** Contacts under their headings, in the order of the list: that is the order of escalation. */
export function groupsOf(contacts: readonly Contact[]): Group[] {
  const groups: Group[] = [];
  for (const contact of contacts) {
    const last = groups.at(-1);
    if (last && last.path.join(' / ') === contact.section.join(' / ')) last.contacts.push(contact);
    else groups.push({ path: contact.section, contacts: [contact] });
  }
  return groups;
}

/** A heading without the colon it has in its source. */
export const heading = (path: readonly string[]): string => (path.at(-1) ?? '').replace(/:$/, '');

/** Whether the first gate still waits: until then a card that is missing is a fault, not a remark. */
export const isBeforeFirstGate = (gates: Gates | undefined): boolean =>
  gates?.gates[0] !== undefined && gates.gates[0].opened_at === null;

/** How a card stands, as one word. Lines that do not count, or were waived, are no fault. */
export function cardWord(contact: Contact, line: ItemView | undefined, isBefore: boolean): string {
  if (contact.missing.length === 0) return contact.card === null ? 'listed' : 'complete';
  if (line && (!line.counts || line.state === 'waived' || line.state === 'not_applicable')) return 'optional';
  return isBefore ? 'missing' : 'incomplete';
}

export const missingText = ({ missing }: Contact): string =>
  missing.length === 0 ? '' : `It lacks ${listed(missing)}.`;

/** How many cards keep the first gate from opening. */
export const missingCount = (
  contacts: readonly Contact[],
  items: readonly ItemView[],
  isBefore: boolean,
): number => contacts.filter((one) => cardWord(one, lineOf(items, one), isBefore) === 'missing').length;

export const lineOf = (items: readonly ItemView[], contact: Contact): ItemView | undefined =>
  items.find(({ id }) => id === contact.item);

export type Way = { name: 'Phone' | 'Mail' | 'Chat' | 'Address'; value: string };

/** The ways to reach somebody, quickest first; for a vendor the address the list gives. */
export function waysOf({ card, given }: Contact): Way[] {
  const ways: Way[] = [
    { name: 'Phone', value: card?.phone ?? '' },
    { name: 'Mail', value: card?.mail ?? '' },
    { name: 'Chat', value: card?.chat ?? '' },
    { name: 'Address', value: isAddress(given) ? given : '' },
  ];
  return ways.filter(({ value }) => value.trim() !== '');
}

const isAddress = (given: string): boolean => given.includes('://') || given.includes('@');

/** Who is called: the person, or nobody yet; an address of the list needs none. */
export function personOf({ card, given }: Contact, blank: string): string {
  return card?.person || (isAddress(given) ? '' : blank);
}

/** The role the list names; an address is none. */
export const roleOf = ({ given }: Contact): string => (isAddress(given) ? '' : given);

/** When the next of a group is called. */
export function escalation(contact: Contact, next: Contact | undefined): string {
  const minutes = Number(contact.card?.escalate_after_minutes ?? 0);
  return next && minutes > 0 ? `No answer within ${minutes} min: call ${next.text}` : '';
}

export const EMPTY: Card = {
  person: '',
  phone: '',
  mail: '',
  chat: '',
  hours: '',
  backup: '',
  escalate_after_minutes: '0',
  tested_at: null,
  note: '',
};

/** Why minutes are none. */
export const minutesFault = (text: string): string | null =>
  /^\d{0,5}$/.test(text.trim()) ? null : 'Whole minutes, such as 15; 0 when nobody is called next.';

/** A card as the program takes it: trimmed, with minutes that are a number. */
export function cleaned(card: Card): Card {
  const texts = Object.fromEntries(
    Object.entries(card).map(([name, value]) => [name, typeof value === 'string' ? value.trim() : value]),
  ) as unknown as Card;
  const minutes = texts.escalate_after_minutes;
  return { ...texts, escalate_after_minutes: minutes === '' ? '0' : String(Number(minutes)) };
}
