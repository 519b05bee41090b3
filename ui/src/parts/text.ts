/**
 * Text from outside, made safe to look at. It reaches the page only as text nodes; here what cannot be seen or would
 * turn the reading direction is made visible, in identifiers and file names.
 */

// Controls, soft hyphen, zero-width characters and bidirectional overrides.
const UNSEEN = /[\p{Cc}\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/gu;

/** Shows unseen characters as a mark. */
export const visible = (text: string): string => text.replace(UNSEEN, '\ufffd');

/** The same for what people wrote in several lines: the breaks between them stay. */
export const visibleLines = (text: string): string => text.split(/\r?\n/).map(visible).join('\n');

/** Shortens an id to its kind and its end: `cus_QhT2…9xKd`. */
export function short(id: string, tail = 6): string {
  const clean = visible(id);
  const cut = clean.indexOf('_');
  const head = cut > 0 && cut <= 8 ? clean.slice(0, cut + 1) : '';
  const rest = clean.slice(head.length);
  return rest.length <= tail + 4 ? clean : `${head}…${rest.slice(-tail)}`;
}

/** `1 row`, `2 rows`. */
export const plural = (many: number, one: string, more = `${one}s`): string =>
  `${new Intl.NumberFormat('en-US').format(many)} ${many === 1 ? one : more}`;

/** `1,284 rows written to customers.csv`. */
export const written = ({ rows, name }: { rows: number; name: string }): string =>
  `${plural(rows, 'row')} written to ${visible(name)}`;

/** `a`, `a and b`, `a, b and c`. */
export const listed = (texts: readonly string[]): string =>
  texts.length < 2 ? texts.join('') : `${texts.slice(0, -1).join(', ')} and ${texts.at(-1)}`;
