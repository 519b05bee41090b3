/** What the page of the rollback shows: lamps, procedures, and what each act asks for. */
import type { Indicator } from '../../../../contract/Indicator';
import type { ItemView } from '../../../../contract/ItemView';
import type { ProcedureView } from '../../../../contract/ProcedureView';
import type { Question } from '../../../../parts/question';
import { plural } from '../../../../parts/text';

/** What has to be typed to begin a rollback. */
export const START_WORD = 'rollback';

/** The state of a lamp: what is known of is still tripped. */
export const lampWord = ({ is_tripped, acknowledged_by }: Indicator): string =>
  is_tripped ? (acknowledged_by === '' ? 'tripped' : 'acknowledged') : 'armed';

/** Who knows of a tripped indicator and who cleared it so far, as sentences. */
export function lampFacts({ is_tripped, acknowledged_by, cleared_by, count }: Indicator): string[] {
  const facts: string[] = [];
  if (is_tripped && acknowledged_by !== '') facts.push(`${acknowledged_by} knows of it.`);
  if (is_tripped && cleared_by.length > 0) {
    facts.push(`${cleared_by.join(' and ')} would clear it; while users are exposed a second person has to.`);
  }
  if (count > 0) facts.push(`Tripped ${plural(count, 'time')} in this run.`);
  return facts;
}

export type LampAct = 'trip' | 'acknowledge' | 'clear';
type Form = Omit<Question, 'doing' | 'run' | 'subject'>;

export const LAMP_FORMS: Record<LampAct, Form> = {
  trip: {
    title: 'Trip this indicator',
    about: 'Every gate says “rollback advised” from then on. Nothing is rolled back by itself.',
    field: 'What you saw',
    least: 3,
    label: 'Trip',
    isDanger: true,
    done: 'Tripped; kept in the ledger',
  },
  acknowledge: {
    title: 'Acknowledge',
    about: 'It says that you know of it and look after it. The gates stay as they are.',
    field: 'What is being done',
    least: 0,
    label: 'Acknowledge',
    done: 'Acknowledged; kept in the ledger',
  },
  clear: {
    title: 'Clear this indicator',
    about: 'The cause is gone. While users are exposed, two different people have to say so.',
    field: 'How you know',
    least: 3,
    label: 'Clear',
    done: 'Kept in the ledger',
  },
};

/** What can be done with a lamp now. */
export const lampActs = (indicator: Indicator): LampAct[] =>
  !indicator.is_tripped ? ['trip'] : indicator.acknowledged_by === '' ? ['acknowledge', 'clear'] : ['clear'];

export const procedureWord = ({ is_under_way, ended_at }: ProcedureView): string =>
  is_under_way ? 'under_way' : ended_at === null ? 'ready' : 'ended';

/** The name of a procedure: the last heading of its steps. */
export const procedureName = ({ section }: ProcedureView): string => section.at(-1) ?? 'Rollback';

/** How many of its steps are done. */
export const stepsDone = ({ steps }: ProcedureView): number => steps.filter(({ is_done }) => is_done).length;

/** When a step was done and what was said, from its line in the list of items. */
export function stepWord(
  items: readonly ItemView[],
  step: { item: string; is_done: boolean },
): { at: string; said: string } | null {
  const line = items.find(({ id }) => id === step.item);
  return step.is_done && line?.checked_at ? { at: line.checked_at, said: line.state_text } : null;
}
