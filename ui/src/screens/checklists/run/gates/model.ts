/** What the page of the gates shows: how far a soak is, what a sentence is about, and why a gate cannot be moved now. */
import type { Condition } from '../../../../contract/Condition';
import type { Gate } from '../../../../contract/Gate';
import type { ItemView } from '../../../../contract/ItemView';
import type { OperatorBrief } from '../../../../contract/OperatorBrief';
import { plain } from '../../../../parts/status';

const HOUR_MS = 3_600_000;

/** The stage of a gate as one word: what it says, or that the way behind it was opened. */
export const stageWord = (gate: Gate): string => (gate.opened_at === null ? gate.state : 'passed');

/** Whom a phase reaches, in a few words. */
export const exposureText = (gate: Gate): string =>
  gate.exposure_pct === null ? 'Nobody exposed' : `${gate.exposure_pct} % of users`;

export type Soak =
  | { word: 'none' }
  | { word: 'waits'; hours: number }
  | { word: 'runs' | 'over'; since: number; until: number; done: number };

/** How far the soak of a phase is: it begins when the gate before is opened. */
export function soakOf(gates: readonly Gate[], gate: Gate, now: number): Soak {
  if (gate.soak_hours === 0) return { word: 'none' };
  const before = gates.find((one) => one.phase === gate.phase - 1);
  const since = before?.opened_at ? Date.parse(before.opened_at) : null;
  if (since === null) return { word: 'waits', hours: gate.soak_hours };
  const until = since + gate.soak_hours * HOUR_MS;
  const word = now >= until ? 'over' : 'runs';
  return { word, since, until, done: Math.max(0, Math.min(1, (now - since) / (until - since))) };
}

const LABELS: Record<string, string> = {
  triggers: 'Rollback triggers',
  items: 'Lines of the phase',
  unknown: 'Nothing unknown',
  metrics: 'Metric over the soak',
  soak: 'Soak',
  exposure: 'Measured exposure',
  contacts: 'Contact cards',
  staging: 'Staging first',
  signed: 'Signatures',
};

export const conditionName = (name: string): string => LABELS[name] ?? plain(name);

/** A condition's state as a word: a tripped trigger is more than a condition that does not hold. */
export const conditionWord = ({ name, holds }: Condition): string =>
  holds ? 'holds' : name === 'triggers' ? 'trips' : 'fails';

/** The page on which a condition is put right, behind the address of the run. */
export const conditionRoute = (name: string): { label: string; route: string } | null =>
  ({
    triggers: { label: 'Indicators', route: '?tab=rollback' },
    contacts: { label: 'Contacts', route: '?tab=contacts' },
    unknown: { label: 'All unknown', route: '?state=unknown' },
    signed: { label: 'Sign', route: '/sign' },
  })[name] ?? null;

export interface Segment {
  text: string;
  /** The item it names. */
  item: string | null;
}

/**
 * Takes a sentence apart at the labels of items it names, so that each leads to its item. The answer has no ids for them;
 * a label counts where the sentence lists it, and one that occurs twice leads to its items in turn.
 */
export function segments(sentence: string, items: readonly ItemView[]): Segment[] {
  const named = items
    .filter((item) => item.text !== '' && sentence.includes(item.text))
    .sort((a, b) => b.text.length - a.text.length || Number(a.is_complete) - Number(b.is_complete));
  const used = new Set<string>();
  const parts: Segment[] = [];
  let plainFrom = 0;
  for (let at = 0; at < sentence.length; at += 1) {
    if (at > 0 && !/[:;] $/.test(sentence.slice(0, at))) continue;
    const fits = (item: ItemView) =>
      sentence.startsWith(item.text, at) && /^([;:.]|$)/.test(sentence.slice(at + item.text.length));
    const found = named.find((item) => fits(item) && !used.has(item.id)) ?? named.find(fits);
    if (!found) continue;
    used.add(found.id);
    if (at > plainFrom) parts.push({ text: sentence.slice(plainFrom, at), item: null });
    parts.push({ text: found.text, item: found.id });
    at += found.text.length - 1;
    plainFrom = at + 1;
  }
  if (plainFrom < sentence.length) parts.push({ text: sentence.slice(plainFrom), item: null });
  return parts;
}

/** Why the gate cannot be opened now; `null` when it can. */
export function openRefusal(gate: Gate): string | null {
  if (gate.opened_at !== null) return 'It was opened already.';
  return gate.state === 'open' ? null : 'Something holds it: see below.';
}

/** Why the gate cannot be overridden now; `null` when it can. */
export function overrideRefusal(gate: Gate): string | null {
  if (gate.opened_at !== null) return 'It was opened already.';
  if (gate.is_overridden) return 'Two people overrode it already.';
  if (gate.state === 'rollback_advised') return 'A tripped trigger cannot be overridden; clear it first.';
  return gate.state === 'open' ? 'Nothing holds it.' : null;
}

/** Who can still ask for the override: two different people have to. */
export const whoMayOverride = (gate: Gate, people: readonly OperatorBrief[]): OperatorBrief[] =>
  people.filter(({ name }) => !gate.overrides.some((asked) => asked.startsWith(`${name}: `)));

/** The gate that is shown: the chosen one, else the one that is worked on, else the last. */
export function shownGate(gates: readonly Gate[], chosen: string, phase: number | null): Gate | undefined {
  const of = (number: number | null) => gates.find((gate) => gate.phase === number);
  return (chosen === '' ? undefined : of(Number(chosen))) ?? of(phase) ?? gates.at(-1);
}
