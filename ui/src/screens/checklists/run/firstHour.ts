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
  return word === 'read' ? 'ok' : statusOf('outcome', word).tone;
}

const WORDS: Record<string, string> = { read: 'Looked at', missed: 'Nobody looked', ahead: 'To come' };

/** A minute with what was seen in it. */
export function minuteTip(minute: MinuteView, zone: string): string {
  const word = WORDS[minute.word] ?? statusOf('outcome', minute.word).label;
  return [`${local(Date.parse(minute.at), zone).time}: ${word}`, ...minute.lines.map(visible)].join('\n');
}

/** All of the hour: how many minutes were seen, and how they were. */
export function hourText(hour: FirstHour): string {
  const count = (word: string) => hour.minutes.filter((minute) => minute.word === word).length;
  const parts = [`${hour.seen} of ${hour.minutes.length} minutes seen`];
  for (const [word, text] of [
    ['fail', 'failed'],
    ['unknown', 'unknown'],
    ['warn', 'with a warning'],
  ] as const) {
    if (count(word) > 0) parts.push(`${count(word)} ${text}`);
  }
  if (hour.missed > 0) parts.push(`${hour.missed} missed`);
  return parts.join(', ');
}
