/** What the page of the rollback shows: lamps, procedures, and what each act asks for. */
import type { Indicator } from '../../../../contract/Indicator';
import type { OperatorBrief } from '../../../../contract/OperatorBrief';
import type { ProcedureView } from '../../../../contract/ProcedureView';
import type { Said } from '../../../../contract/Said';
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

/** Who can still sign: nobody does it twice. */
export const othersThan = (given: readonly Said[], people: readonly OperatorBrief[]): OperatorBrief[] =>
  people.filter(({ id }) => !given.some(({ operator }) => operator === id));

/** What is said before the first signs where there are not people enough here; empty where there are. */
export function tooFew({ needed, given }: Pick<SignedWord, 'needed' | 'given'>, people: number): string {
  const left = needed - given.length;
  return people >= left
    ? ''
    : `${plural(left, 'person', 'people')} have to sign, and ${people === 1 ? 'only one works' : `only ${people} work`} here: add another operator under Settings.`;
}

/** A word that has to be signed; `WordDialog.svelte` asks for it. */
export interface SignedWord {
  /** What it is about; another one begins anew. */
  key: string;
  /** First part of the test ids. */
  name: 'clear' | 'end';
  title: string;
  about: string;
  subject: string;
  field: string;
  /** Least characters of the text. */
  least: number;
  /** Who has signed already. */
  given: readonly Said[];
  /** How many have to. */
  needed: number;
  /** What is said when the last one has. */
  done: string;
  doing: Question['doing'];
  run(operator: string, text: string, secret: string): Promise<unknown>;
}
type WordForm = Omit<SignedWord, 'doing' | 'run'>;

/** What is asked of whoever says that the cause of an indicator is gone. */
export const clearForm = ({ item, text, sentence, cleared_by, clearings_needed }: Indicator): WordForm => ({
  key: item,
  name: 'clear',
  title: 'Clear this indicator',
  about:
    clearings_needed - cleared_by.length > 1
      ? 'Users are exposed: two different people sign that the cause is gone.'
      : 'Whoever says that the cause is gone signs it.',
  subject: `${text}: ${sentence}`,
  field: 'How you know',
  least: 3,
  given: cleared_by,
  needed: clearings_needed,
  done: 'The indicator is cleared',
});

/** What is asked of whoever says that a rollback is over. */
export function endForm(procedure: ProcedureView): WordForm {
  const open = procedure.steps.length - stepsDone(procedure);
  return {
    key: procedure.section.join(' / '),
    name: 'end',
    title: `End: ${procedureName(procedure)}`,
    about: 'Two different people sign that it is over; until then no phase is opened.',
    subject: open === 0 ? 'Every step is done.' : `${plural(open, 'step')} not done: the record says which.`,
    field: open === 0 ? 'How it went' : 'Why it ends before they are done',
    least: open === 0 ? 0 : 3,
    given: procedure.ending,
    needed: procedure.endings_needed,
    done: 'The rollback has ended',
  };
}

/** What can be done with a lamp now. */
export const lampActs = (indicator: Indicator): LampAct[] =>
  !indicator.is_tripped ? ['trip'] : indicator.acknowledged === null ? ['acknowledge', 'clear'] : ['clear'];

export const procedureWord = ({ is_under_way, ended }: ProcedureView): string =>
  is_under_way ? 'under_way' : ended === null ? 'ready' : 'ended';

/** The name of a procedure: the last heading of its steps. */
export const procedureName = ({ section }: ProcedureView): string => section.at(-1) ?? 'Rollback';

/** What ends a procedure that is under way, and who has said so already. */
export function endingWords({ ending, endings_needed }: ProcedureView): string {
  const names = ending.map(({ by }) => by).join(' and ');
  const waits = 'No phase is opened until it has ended';
  const left = endings_needed - ending.length;
  return names === ''
    ? `${waits}: ${plural(left, 'person', 'people')} have to sign that it is over.`
    : `${waits}: ${names} signed, and ${left} more ${left === 1 ? 'has' : 'have'} to.`;
}

/** How many of its steps are done. */
export const stepsDone = ({ steps }: ProcedureView): number =>
  steps.filter(({ done }) => done !== null).length;
