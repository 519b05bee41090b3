/** What a person can do with an item, and what each act must be given. The program decides; here is only what to ask for. */
import type { ItemAct } from '../../../contract/ItemAct';

const ACTS = ['check', 'confirm', 'accept', 'waive', 'not_applicable', 'note'] as const;
export type ActWord = (typeof ACTS)[number];

interface ActForm {
  label: string;
  keys: string;
  title: string;
  about: string;
  field: string;
  /** Least characters of the text. */
  least: number;
}

/** Acts that ask something first; a check just runs. */
export const FORMS: Record<Exclude<ActWord, 'check'>, ActForm> = {
  confirm: {
    label: 'Confirm',
    keys: 'x',
    title: 'Confirm this item',
    about: 'Your name, the time and what the program saw are kept as evidence.',
    field: 'What you saw or did',
    least: 0,
  },
  accept: {
    label: 'Accept',
    keys: 'x',
    title: 'Accept the warning',
    about: 'A warning counts only when somebody accepts it by name.',
    field: 'Why it is acceptable',
    least: 3,
  },
  waive: {
    label: 'Waive',
    keys: 'w',
    title: 'Waive this item',
    about:
      'It counts as complete until the day you choose, and is listed on the sign page. The owner of the run cannot waive.',
    field: 'Reason',
    least: 20,
  },
  not_applicable: {
    label: 'Not applicable',
    keys: 'n',
    title: 'Mark as not applicable',
    about: 'Its text says that it may not apply here.',
    field: 'Reason',
    least: 3,
  },
  note: {
    label: 'Note',
    keys: 'm',
    title: 'Add a note',
    about: 'A note is kept with the run and signed with it. Do not write personal data into it.',
    field: 'Note',
    least: 1,
  },
};

/** What confirming asks for where nothing but a person decides, and no file is attached. */
export const WORD_NEEDED = {
  least: 1,
  about:
    'Nothing but a person decides this line: your words are its evidence. An attached file would be as well.',
};

const DAY_MS = 86_400_000;
/** Longest time a waiver may last. */
export const WAIVER_DAYS_MAX = 90;

/** Why a day is not one a waiver can end on. */
export function dayFault(day: string, now: number): string | null {
  const end = Date.parse(`${day}T23:59:59Z`);
  if (
    !/^\d{4}-\d{2}-\d{2}$/.test(day) ||
    Number.isNaN(end) ||
    new Date(end).toISOString().slice(0, 10) !== day
  ) {
    return 'The day on which it ends, such as 2026-12-04.';
  }
  if (end <= now) return 'Choose a day in the future.';
  return end - now > WAIVER_DAYS_MAX * DAY_MS ? `At most ${WAIVER_DAYS_MAX} days from today.` : null;
}

/** The last moment of a day, as the program takes it. */
export const endOfDay = (day: string): string => `${day}T23:59:59Z`;

/** A day so many days from now, as a date field writes it. */
export const dayIn = (days: number, now: number): string =>
  new Date(now + days * DAY_MS).toISOString().slice(0, 10);

/** Acts in their order; one the answer does not name cannot be done here. */
export function actsOf(acts: readonly ItemAct[]): { word: ActWord; refused: string | null }[] {
  return ACTS.flatMap((word) => {
    const found = acts.find(({ act }) => act === word);
    return found ? [{ word, refused: found.refused }] : [];
  });
}

/** The act that is most likely next: what only a person can add comes before asking a check once more. */
export const likeliest = (acts: ReturnType<typeof actsOf>): ActWord | undefined =>
  (['confirm', 'accept', 'check'] as const).find((word) =>
    acts.some((one) => one.word === word && one.refused === null),
  );

/** The act a key stands for: confirming a warning is accepting it. */
export function actOfKey(key: string, acts: readonly ItemAct[]): ActWord | null {
  const wanted = Object.entries(FORMS).filter(([, form]) => form.keys === key);
  const words = wanted.map(([word]) => word as ActWord);
  const usable = words.find((word) => acts.some(({ act, refused }) => act === word && refused === null));
  return usable ?? words.find((word) => acts.some(({ act }) => act === word)) ?? null;
}
