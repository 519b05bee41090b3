/** The choices a list can be narrowed by. */
import { plain, statusOf, type StatusKind } from './status';

export interface Facet {
  /** Its word in the route's query. */
  id: string;
  label: string;
  options: { value: string; label: string }[];
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
