/** The forms a run is exported in, and what its file is called. */
export const FORMATS = [
  { word: 'md', label: 'Markdown', about: 'The checklist with its boxes ticked' },
  { word: 'csv', label: 'CSV', about: 'One line per item, for a spreadsheet' },
  { word: 'pdf', label: 'PDF', about: 'A report to print and to hand on' },
  { word: 'pack', label: 'Evidence pack', about: 'All of it with files, ledger and a verifier' },
] as const;

export type Format = (typeof FORMATS)[number]['word'];

/** Longest name before its ending; some file systems end at 255 bytes. */
const NAME_CHARS_MAX = 80;

/** A file name of a run's or template's name: letters, digits and points, joined by hyphens. */
export function fileName(name: string, format: Format | 'ics'): string {
  const ending = format === 'pack' ? 'zip' : format;
  const plain = name
    .toLowerCase()
    .replace(/[^\p{L}\p{N}.]+/gu, '-')
    .slice(0, NAME_CHARS_MAX)
    .replace(/^[-.]+|[-.]+$/g, '');
  return `${plain || 'run'}.${ending}`;
}
