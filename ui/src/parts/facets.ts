/** The choices a list can be narrowed by. */
import { plain, statusOf, type StatusKind } from './status';

export interface Facet {
  /** Its word in the route's query. */
  id: string;
  label: string;
  /** What can be chosen; none for a day, which is typed. */
  options: { value: string; label: string }[];
  isDay?: boolean;
}

/** A facet that takes a day, `2026-12-04`. */
export const dayFacet = (id: string, label: string): Facet => ({ id, label, options: [], isDay: true });

/** Whether a text is a day of the calendar. */
export function isDay(text: string): boolean {
  const day = /^\d{4}-\d{2}-\d{2}$/.test(text) ? Date.parse(`${text}T00:00:00Z`) : Number.NaN;
  return !Number.isNaN(day) && new Date(day).toISOString().startsWith(text);
}

/** A facet over the status words of a kind. */
export const statusFacet = (
  id: string,
  label: string,
  kind: StatusKind,
  words: readonly string[],
): Facet => ({
  id,
  label,
  options: words.map((value) => ({ value, label: statusOf(kind, value).label })),
});

/** A facet over words that need no icon. */
export const wordFacet = (id: string, label: string, words: readonly string[]): Facet => ({
  id,
  label,
  options: words.map((value) => ({ value, label: plain(value) })),
});

/** How many filters are at work. */
export const activeCount = (values: readonly string[]): number =>
  values.filter((value) => value !== '').length;
