/** What the form and the course of a run show. The answer has no values of fields as such; they are read off the lines. */
import type { FormField as RunField } from '../../../../contract/FormField';
import type { ItemView } from '../../../../contract/ItemView';
import type { RunPage } from '../../../../contract/RunPage';
import { instantAt } from '../../../../parts/when';

const FAMILY = 'run.note.';
/** What the run is bound to; the form shows it and the course of the run changes it. */
const BOUND = ['run.note.version', 'run.note.environment'];

export interface FormField {
  /** The line that has it; the word of the field where no line has. */
  item: string;
  /** Whether it is the run's own, because the list has no line for it. */
  isOfRun: boolean;
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

/** The fields of the form: those of the list in its order, then those every run has and this list does not. */
export function fieldsOf(items: readonly ItemView[], form: readonly RunField[]): FormField[] {
  const own = form.filter(({ item }) => item === null).map(ofRun);
  const listed = items
    .filter((item) => item.probe?.startsWith(FAMILY))
    .map((item) => {
      const name = item.probe ?? '';
      return {
        item: item.id,
        isOfRun: false,
        name: name.slice(FAMILY.length),
        label: item.text.replace(/:$/, ''),
        ...saidIn(item),
        isBound: BOUND.includes(name),
        isLong: name === 'run.note.special_considerations',
        hint: HINTS[name] ?? '',
      };
    });
  return [...listed, ...own];
}

/** A field no line has: only what was special is written, the rest follows from what is recorded. */
const ofRun = ({ field, label, value, by }: RunField): FormField => ({
  item: field,
  isOfRun: true,
  name: field,
  label,
  value,
  by,
  isBound: field !== 'special_considerations',
  isLong: field === 'special_considerations',
  hint:
    field === 'special_considerations' ? 'Printed in every report, and signed with the run.' : 'As recorded.',
});

/** Fields whose text is another than what is kept. */
export const changed = (
  fields: readonly FormField[],
  texts: Record<string, string>,
): { item: string; value: string; isOfRun: boolean }[] =>
  fields
    .filter(({ item, value, isBound }) => !isBound && (texts[item] ?? value).trim() !== value)
    .map(({ item, value, isOfRun }) => ({ item, value: (texts[item] ?? value).trim(), isOfRun }));

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

/** What speaks against a deployment at an instant, in words that follow “deployed”; empty where nothing does. */
export function againstText(
  at: number,
  { window, has_preparation, prepared_at }: Pick<RunPage, 'window' | 'has_preparation' | 'prepared_at'>,
): string {
  const isOutside = window !== null && (at < Date.parse(window.from) || at >= Date.parse(window.to));
  const isEarly = has_preparation && (prepared_at === null || at < Date.parse(prepared_at));
  return [
    ...(isOutside ? ['outside the window'] : []),
    ...(isEarly ? ['before the gate of the preparation was open'] : []),
  ].join(' and ');
}

/** Why a deployment cannot be recorded for this reason. */
export function correctionFault(reason: string): string | null {
  return reason.trim().length < 3 ? 'A reason of at least 3 characters is needed.' : null;
}
