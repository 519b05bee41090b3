/** What the page of the gates shows: how far a soak is, what a sentence is about, and why a gate cannot be moved now. */
import type { Condition } from '../../../../contract/Condition';
import type { Gate } from '../../../../contract/Gate';
import type { Gates } from '../../../../contract/Gates';
import type { ItemView } from '../../../../contract/ItemView';
import type { OperatorBrief } from '../../../../contract/OperatorBrief';
import { plain } from '../../../../parts/status';
import { duration } from '../../../../parts/when';

/** The stage of a gate as one word: what it says, or that the way behind it was opened. */
export const stageWord = (gate: Gate): string => (gate.opened_at === null ? gate.state : 'passed');

/** Whom a phase reaches, in a few words. */
export const exposureText = (gate: Gate): string =>
  gate.exposure_pct === null ? 'Nobody exposed' : `${gate.exposure_pct} % of users`;

export type Soak =
  | { word: 'none' }
  | { word: 'waits'; hours: number }
  | { word: 'runs' | 'over'; since: number; until: number; done: number; coverage: Coverage };

export interface Coverage {
  text: string;
  isEnough: boolean;
  /** The longest stretch without samples. */
  gap: { from: string; until: string } | null;
}

/** Least share of the samples that a soak needs, as the gates ask for it. */
const COVERAGE_MIN = 0.95;

/** How far the soak of a phase is, and how well it was sampled. */
export function soakOf({ soak_hours, soak }: Gate, now: number): Soak {
  if (soak_hours === 0) return { word: 'none' };
  if (soak === null) return { word: 'waits', hours: soak_hours };
  const [since, until] = [Date.parse(soak.since), Date.parse(soak.until)];
  const { expected, seen, gap } = soak;
  const coverage: Coverage = {
    text: expected === 0 ? 'the first sample is due' : `${seen} of ${expected} samples`,
    isEnough: expected === 0 || seen / expected >= COVERAGE_MIN,
    gap,
  };
  const done = Math.max(0, Math.min(1, (now - since) / (until - since)));
  return { word: now >= until ? 'over' : 'runs', since, until, done, coverage };
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
  rollback: 'Rollback under way',
};

export const conditionName = (name: string): string => LABELS[name] ?? plain(name);

/** A condition's state as a word: a tripped trigger is more than a condition that does not hold. */
export const conditionWord = ({ name, holds }: Condition): string =>
  holds ? 'holds' : name === 'triggers' ? 'trips' : 'fails';

/** The page on which a condition is put right, behind the address of the run. */
export const conditionRoute = (name: string): { label: string; route: string } | null =>
  ({
    triggers: { label: 'Indicators', route: '?tab=rollback' },
    rollback: { label: 'Steps', route: '?tab=rollback' },
    contacts: { label: 'Contacts', route: '?tab=contacts' },
    unknown: { label: 'All unknown', route: '?state=unknown' },
    signed: { label: 'Sign', route: '/sign' },
  })[name] ?? null;

export interface Segment {
  text: string;
  /** The item it names. */
  item: string | null;
}

/** Takes a condition's sentence apart at the lines it names, in their order, so that each leads to its line. */
export function segments({ sentence, items: about }: Condition, items: readonly ItemView[]): Segment[] {
  const parts: Segment[] = [];
  let from = 0;
  for (const id of about) {
    const text = items.find((item) => item.id === id)?.text ?? '';
    const at = text === '' ? -1 : sentence.indexOf(text, from);
    if (at < 0) continue;
    if (at > from) parts.push({ text: sentence.slice(from, at), item: null });
    parts.push({ text, item: id });
    from = at + text.length;
  }
  if (from < sentence.length) parts.push({ text: sentence.slice(from), item: null });
  return parts;
}

/** What was measured beside what it has to keep to; empty where nothing is a number. */
export const measuredText = ({ found, limit }: Condition): string =>
  limit === null ? '' : `${found ?? 'nothing'} · ${limit}`;

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
  people.filter(({ id }) => !gate.overrides.some(({ operator }) => operator === id));

/** The gate of the phase that is worked on, or the last when every gate is open. */
export const workedGate = ({ gates, phase }: Gates): Gate | undefined =>
  phase === null ? gates.at(-1) : gates.find((one) => one.phase === phase);

/** How long a soak still takes, to the minute. */
export const leftText = (soak: Soak & { word: 'runs' | 'over' }, hours: number, now: number): string =>
  soak.word === 'over'
    ? `${hours} h of soak have passed`
    : `${duration(Math.round((soak.until - now) / 60_000) * 60)} of ${hours} h left`;

/** The gate that is shown: the chosen one, else the one that is worked on, else the last. */
export function shownGate(gates: readonly Gate[], chosen: string, phase: number | null): Gate | undefined {
  const of = (number: number | null) => gates.find((gate) => gate.phase === number);
  return (chosen === '' ? undefined : of(Number(chosen))) ?? of(phase) ?? gates.at(-1);
}
