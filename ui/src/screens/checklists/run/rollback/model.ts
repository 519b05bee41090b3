/** What the page of the rollback shows: lamps, procedures, and what each act asks for. */
import type { Indicator } from '../../../../contract/Indicator';
import type { OperatorBrief } from '../../../../contract/OperatorBrief';
import type { ProcedureView } from '../../../../contract/ProcedureView';
import type { Question } from '../../../../parts/question';
import { plural } from '../../../../parts/text';

/** What has to be typed to begin a rollback. */
export const START_WORD = 'rollback';

/** Who knows of a tripped indicator and who signed that its cause is gone, as sentences. */
export function lampFacts(lamp: Indicator): string[] {
  const { is_tripped, acknowledged, cleared_by, clearings_needed, count } = lamp;
  const names = cleared_by.map(({ by }) => by).join(' and ');
  const facts: string[] = [];
  if (is_tripped && acknowledged) facts.push(said(`${acknowledged.by} knows of it`, acknowledged.text));
  if (is_tripped && names !== '') {
    facts.push(
      `${names} signed that the cause is gone; ${clearings_needed} people have to while users are exposed.`,
    );
  }
  if (!is_tripped && names !== '') facts.push(`${names} signed that the cause is gone.`);
  if (count > 0) facts.push(`Tripped ${plural(count, 'time')} in this run.`);
  return facts;
}

const said = (what: string, text: string): string => (text === '' ? `${what}.` : `${what}: ${text}`);

/** Clearing is signed, in a form of its own. */
export type LampAct = 'trip' | 'acknowledge' | 'clear';
type Form = Omit<Question, 'doing' | 'run' | 'subject'>;

export const LAMP_FORMS: Record<Exclude<LampAct, 'clear'>, Form> = {
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
};

export const LAMP_LABELS: Record<LampAct, string> = {
  trip: 'Trip',
  acknowledge: 'Acknowledge',
  clear: 'Clear',
};

/** Who can still sign that the cause is gone: two different people have to. */
export const whoMayClear = (lamp: Indicator, people: readonly OperatorBrief[]): OperatorBrief[] =>
  people.filter(({ id }) => !lamp.cleared_by.some(({ operator }) => operator === id));

/** What can be done with a lamp now. */
export const lampActs = (indicator: Indicator): LampAct[] =>
  !indicator.is_tripped ? ['trip'] : indicator.acknowledged === null ? ['acknowledge', 'clear'] : ['clear'];

export const procedureWord = ({ is_under_way, ended }: ProcedureView): string =>
  is_under_way ? 'under_way' : ended === null ? 'ready' : 'ended';

/** The name of a procedure: the last heading of its steps. */
export const procedureName = ({ section }: ProcedureView): string => section.at(-1) ?? 'Rollback';

/** How many of its steps are done. */
export const stepsDone = ({ steps }: ProcedureView): number =>
  steps.filter(({ done }) => done !== null).length;
