/** Working a run off line by line: read and do, or probes first and a person who verifies after. */
import type { ItemView } from '../../../../contract/ItemView';

export const MODES = [
  { word: 'do', label: 'Read and do', about: 'One line at a time, done before the next is read' },
  {
    word: 'verify',
    label: 'Do and verify',
    about: 'The checks run first, then a person verifies line by line',
  },
] as const;
export type Mode = (typeof MODES)[number]['word'];

/** The mode a route names; reading and doing where it names none. */
export const modeOf = (word: string): Mode => MODES.find((mode) => mode.word === word)?.word ?? 'do';

/** Time without any key or click after which the last line is read again. */
export const INTERRUPTION_MS = 10 * 60_000;
/** Least characters of why a line is skipped. */
export const SKIP_CHARS_MIN = 3;

/** Whether the person was away for so long that the last line has to be read again. */
export const wasAway = (lastAt: number | null, now: number): boolean =>
  lastAt !== null && now - lastAt > INTERRUPTION_MS;

/** The lines a mode leads through, in their order: all that count, or those a person verifies. */
export const queueOf = (items: readonly ItemView[], mode: Mode): ItemView[] =>
  items.filter(({ counts, strength }) => counts && (mode === 'do' || strength !== 'full'));

/** Lines whose check could not be run or did not hold, and that no person can verify by hand. */
export const unsound = (items: readonly ItemView[]): ItemView[] =>
  items.filter(({ counts, strength, is_complete }) => counts && strength === 'full' && !is_complete);

/** The line that was completed last. */
export function lastDone(items: readonly ItemView[]): ItemView | null {
  const done = items.filter((item) => item.counts && item.is_complete && item.checked_at !== null);
  return done.reduce<ItemView | null>(
    (last, item) => (last === null || (item.checked_at ?? '') > (last.checked_at ?? '') ? item : last),
    null,
  );
}

/** When somebody last worked on the run, as far as its lines tell. */
export const lastWorked = (items: readonly ItemView[]): number | null => {
  const at = lastDone(items)?.checked_at;
  return at ? Date.parse(at) : null;
};

/** The line before another one in a queue. */
export const before = (queue: readonly ItemView[], id: string): ItemView | null =>
  queue[queue.findIndex((item) => item.id === id) - 1] ?? null;

/** The line after another one, done or not. */
export const after = (queue: readonly ItemView[], id: string): ItemView | null =>
  queue[queue.findIndex((item) => item.id === id) + 1] ?? null;

/** Where a line stands: `12 of 133, 40 left`. */
export function placeText(queue: readonly ItemView[], id: string): string {
  const at = queue.findIndex((item) => item.id === id) + 1;
  const left = queue.filter((item) => !item.is_complete).length;
  return `${at} of ${queue.length}, ${left} left`;
}

const touches: Record<string, number> = {};

/** When a run was last touched in one of the modes, while the program runs. */
export const lastTouch = (run: string): number | null => touches[run] ?? null;
export const touched = (run: string, at: number): void => {
  touches[run] = at;
};
