/** The hour after a deployment in words: each minute, and all of it. */
import type { FirstHour } from '../../../contract/FirstHour';
import type { MinuteView } from '../../../contract/MinuteView';
import { statusOf } from '../../../parts/status';
import { visible } from '../../../parts/text';
import { local } from '../../../parts/when';

/** How long after its end it stays in the head of a run. */
const STAYS_MS = 23 * 3_600_000;

export const isHourShown = (hour: FirstHour, now: number): boolean =>
  now >= Date.parse(hour.since) && now < Date.parse(hour.until) + STAYS_MS;

/** The look of a minute's mark. */
export function minuteTone(word: string): string {
  if (word === 'missed' || word === 'ahead') return word;
  return word === 'read' ? 'read' : statusOf('outcome', word).tone;
}

const WORDS: Record<string, string> = { read: 'Looked at', missed: 'Nobody looked', ahead: 'To come' };

/** A minute with what was seen in it. */
export function minuteTip(minute: MinuteView, zone: string): string {
  const word = WORDS[minute.word] ?? statusOf('outcome', minute.word).label;
  return [`${local(Date.parse(minute.at), zone).time}: ${word}`, ...minute.lines.map(visible)].join('\n');
}

/** How many minutes are named before the rest is counted. */
const NAMED_MAX = 3;

/** All of the hour: how many minutes were seen, how they were, and which of them failed. */
export function hourText(hour: FirstHour, zone: string): string {
  const of = (word: string) => hour.minutes.filter((minute) => minute.word === word);
  const parts = [`${hour.seen} of ${hour.minutes.length} minutes seen`];
  const failed = of('fail').map(({ at }) => local(Date.parse(at), zone).time);
  const more = failed.length > NAMED_MAX ? ', …' : '';
  if (failed.length > 0)
    parts.push(`${failed.length} failed (${failed.slice(0, NAMED_MAX).join(', ')}${more})`);
  for (const [word, text] of [
    ['unknown', 'unknown'],
    ['warn', 'with a warning'],
  ] as const) {
    if (of(word).length > 0) parts.push(`${of(word).length} ${text}`);
  }
  if (hour.missed > 0) parts.push(`${hour.missed} missed`);
  return parts.join(', ');
}
