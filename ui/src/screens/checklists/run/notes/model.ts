/** What the form and the course of a run show. The answer has no values of fields as such; they are read off the lines. */
import type { ItemView } from '../../../../contract/ItemView';
import { instantAt } from '../../../../parts/when';

const FAMILY = 'run.note.';
/** What the run is bound to; the form shows it and the course of the run changes it. */
const BOUND = ['run.note.version', 'run.note.environment'];

export interface FormField {
  item: string;
  name: string;
  label: string;
  value: string;
  /** Who filled it in. */
  by: string;
  isBound: boolean;
  isLong: boolean;
  hint: string;
}

const HINTS: Record<string, string> = {
  'run.note.deployment_date': 'Such as 2026-12-04.',
  'run.note.deployment_time': 'With the zone: 09:30 Europe/Berlin.',
  'run.note.version': 'The release of the run; change it under Release.',
  'run.note.environment': 'Fixed when the run began.',
};

/** A line's value and who gave it: a filled-in line says `value, by name`. */
export function saidIn({ state, state_text }: ItemView): { value: string; by: string } {
  if (state !== 'confirmed') return { value: state === 'verified' ? state_text : '', by: '' };
  const cut = state_text.lastIndexOf(', by ');
  return cut < 0
    ? { value: state_text, by: '' }
    : { value: state_text.slice(0, cut), by: state_text.slice(cut + 5) };
}

/** The fields of the form, in the order of the list. */
export function fieldsOf(items: readonly ItemView[]): FormField[] {
  return items
    .filter((item) => item.probe?.startsWith(FAMILY))
    .map((item) => {
      const name = item.probe ?? '';
      return {
        item: item.id,
        name: name.slice(FAMILY.length),
        label: item.text.replace(/:$/, ''),
        ...saidIn(item),
        isBound: BOUND.includes(name),
        isLong: name === 'run.note.special_considerations',
        hint: HINTS[name] ?? '',
      };
    });
}

/** Fields whose text is another than what is kept. */
export const changed = (
  fields: readonly FormField[],
  texts: Record<string, string>,
): { item: string; value: string }[] =>
  fields
    .filter(({ item, value, isBound }) => !isBound && (texts[item] ?? value).trim() !== value)
    .map(({ item, value }) => ({ item, value: (texts[item] ?? value).trim() }));

export const OVER = 'The run is over.';

/** Why a release tag is none for this run. */
export function releaseFault(text: string, present: string): string | null {
  const tag = text.trim();
  if (tag === '') return 'A tag, such as v2.15.0.';
  if (/\s/.test(tag)) return 'A tag has no spaces.';
  return tag === present ? `The run is about ${present} already.` : null;
}

/** The instant a day and a time name in the zone, or why they name none. */
export function momentOf(day: string, time: string, zone: string): { at: number } | { fault: string } {
  const at = instantAt(day.trim(), time.trim(), zone);
  return at === null ? { fault: `A day and a time in ${zone}, such as 2026-12-04 and 09:30.` } : { at };
}

/** Why a deployment cannot have been then. */
export function deployedFault(at: number, began: string, now: number): string | null {
  if (at > now) return 'It lies in the future.';
  return at < Date.parse(began) ? 'It lies before the run began.' : null;
}

/** Why a recorded deployment cannot be corrected for this reason. */
export function correctionFault(reason: string): string | null {
  return reason.trim().length < 3 ? 'A reason of at least 3 characters is needed.' : null;
}
