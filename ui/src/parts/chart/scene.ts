/** What a scene says about pointing at it. Pure: places and keys, no drawing. */
import type { Scene } from '../../contract/Scene';
import type { Stop } from '../../contract/Stop';

/** Bars lie when nothing stands on an axis: then stops are counted from the top. */
export const isLying = ({ marks }: Scene): boolean =>
  marks.length > 0 && !marks.some((mark) => mark.role === 'axis');

/** The stop nearest to a place along the axis; `-1` when there is none. */
export function nearest(stops: readonly Stop[], at: number): number {
  let best = -1;
  let least = Infinity;
  for (const [index, stop] of stops.entries()) {
    const distance = Math.abs(stop.at - at);
    if (distance < least) [best, least] = [index, distance];
  }
  return best;
}

/** The next stop for a key; `null` when the key does not move along the axis. */
export function stepped(key: string, active: number, total: number, lies: boolean): number | null {
  if (total === 0) return null;
  const [back, forth] = lies ? ['ArrowUp', 'ArrowDown'] : ['ArrowLeft', 'ArrowRight'];
  if (key === forth) return Math.min(total - 1, active + 1);
  if (key === back) return active < 0 ? total - 1 : Math.max(0, active - 1);
  if (key === 'Home') return 0;
  if (key === 'End') return total - 1;
  return null;
}

/** Corners as the `d` of a path. */
export const line = (points: readonly (readonly [number, number])[], isClosed = false): string =>
  `M${points.map(([x, y]) => `${x} ${y}`).join('L')}${isClosed ? 'Z' : ''}`;

/** A stop as a sentence. */
export const told = (stop: Stop): string =>
  `${stop.title}: ${stop.entries
    .map(
      ({ label, datum, is_provisional }) =>
        `${label} ${datum?.value ?? 'not known'}${is_provisional ? ', so far' : ''}`,
    )
    .join('; ')}`;

/** A key of a datum taken apart: `2026-03|usd|churn`. */
export function keyParts(key: string): { month: string; currency: string; word: string } {
  const [month = '', currency = '', word = ''] = key.split('|');
  return { month, currency, word };
}

/** The width to ask a chart in: steps, so that dragging a window edge does not ask anew at every pixel. */
export const askedWidth = (available: number): number =>
  Math.max(320, Math.min(1_600, Math.floor(available / 40) * 40));
