/** What can be done with an item beyond deciding it. The answer lists no acts for these; the program refuses what is not. */
import type { ItemView } from '../../../../contract/ItemView';

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

/** Decided by a person, so that a person can take it back; a check's own word is run again instead. */
const REOPENED = ['confirmed', 'waived', 'not_applicable'];

export const mayReopen = ({ state }: ItemView): boolean => REOPENED.includes(state);
