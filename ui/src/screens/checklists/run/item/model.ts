/** What can be done with an item beyond deciding it. The program says what may be; here is only what is asked for. */
import type { ItemAct } from '../../../../contract/ItemAct';

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

/** The name of an attached file: its title ends with its size. */
export const attachedName = (title: string): string => title.replace(/, \d+ bytes$/, '');

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
