/** What can be done with an item beyond deciding it. The program says what may be; here is only what is asked for. */
import type { FileView } from '../../../../contract/FileView';
import type { ItemAct } from '../../../../contract/ItemAct';
import { count } from '../../../../parts/money';

/** Endings of files that are evidence: reports, logs, tables, documents, pictures. */
export const EVIDENCE_KINDS = [
  'json',
  'xml',
  'sarif',
  'csv',
  'txt',
  'log',
  'info',
  'jtl',
  'html',
  'md',
  'pdf',
  'png',
  'jpg',
  'zip',
];

/** The check that reads which variables of an environment are set. */
export const MANIFEST_CHECK = 'config.env_manifest';

/** Prints which variables are set, for the file that check reads; no value is printed. */
export const MANIFEST_LINES = String.raw`salt=$(head -c 12 /dev/urandom | od -An -tx1 | tr -d ' \n'); sep=
printf '{"countersign_env":"1","at":"%s","salt":"%s","names":{' "$(date -u +%FT%TZ)" "$salt"
for name in STRIPE_SECRET_KEY STRIPE_WEBHOOK_SECRET DATABASE_URL; do
  eval "value=\${$name:-}"; state=unset
  [ -n "$value" ] && state=set:$(printf %s "$salt$value" | { sha256sum 2>/dev/null || shasum -a 256; } | cut -c1-16)
  printf '%s"%s":"%s"' "$sep" "$name" "$state"; sep=,
done; printf '}}\n'`;

/** The kind of a file whose figures nobody reads. */
export const DOCUMENT = 'any document';

/** A word as it begins a line. */
export const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

/** A whole number with its thousands apart; every other text as it is. */
export const grouped = (text: string): string => (/^\d{4,15}$/.test(text) ? count(Number(text)) : text);

/** What an attached file says, and what it is about. */
export const aboutFile = (file: FileView, by: string): string[] =>
  [
    file.says === ''
      ? file.kind === DOCUMENT
        ? ''
        : capital(file.kind)
      : capital(`${file.kind}: ${file.says}`),
    file.release === null ? '' : `Release ${file.release}, as ${file.names_release ? 'the file' : by} says`,
    file.commit === null ? '' : `Commit ${file.commit}`,
  ].filter((text) => text !== '');

/** Longest output of a command that is kept. */
export const OUTPUT_CHARS_MAX = 10_000;

/** Why an act cannot be done now; `null` when it can. One the answer does not name cannot be done here at all. */
export function refusalOf(acts: readonly ItemAct[], word: string): string | null {
  const found = acts.find(({ act }) => act === word);
  return found ? found.refused : 'This cannot be done with this line.';
}

/** A text with another one put in the place of its selection, no longer than is kept. */
export const inserted = (value: string, text: string, from: number, to: number): string =>
  (value.slice(0, from) + text + value.slice(to)).slice(0, OUTPUT_CHARS_MAX);

/** Says whether a text is a whole number above 0, or nothing. */
export const isCount = (text: string): boolean => /^\s*([1-9]\d{0,8})?\s*$/.test(text);
