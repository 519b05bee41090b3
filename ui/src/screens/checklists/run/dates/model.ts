/** What the calendar of a run shows: a month as weeks of days, and its dates in the order in which they are looked at. */
import type { DateView } from '../../../../contract/DateView';
import type { DueState } from '../../../../contract/DueState';
import { dayOf, local } from '../../../../parts/when';

const DAY_MS = 86_400_000;

/** States in the order in which people look at them: what was missed stays first. */
export const STATES: readonly DueState[] = ['missed', 'due', 'upcoming', 'done_late', 'done', 'skipped'];

/** The local day on which a date is due: the day of the last moment on time. */
export const dueDay = (date: DateView, zone: string): string => dayOf(Date.parse(date.due_at) - 1, zone);

export const monthOf = (day: string): string => day.slice(0, 7);

const utc = (day: string): number => Date.parse(`${day}T00:00:00Z`);
const text = (instant: number): string => new Date(instant).toISOString().slice(0, 10);

/** A day so many days on. */
export const dayPlus = (day: string, days: number): string => text(utc(day) + days * DAY_MS);

/** The same day in another month, or that month's last. */
export function monthPlus(day: string, months: number): string {
  const [year = 0, month = 1, date = 1] = day.split('-').map(Number);
  const last = new Date(Date.UTC(year, month - 1 + months + 1, 0)).getUTCDate();
  return text(Date.UTC(year, month - 1 + months, Math.min(date, last)));
}

export interface Day {
  day: string;
  number: number;
  isInMonth: boolean;
  dates: DateView[];
}

/** A month as whole weeks, Monday first, each day with what is due on it. */
export function weeksOf(month: string, dates: readonly DateView[], zone: string): Day[][] {
  const by = new Map<string, DateView[]>();
  for (const date of inOrder(dates)) {
    const day = dueDay(date, zone);
    by.set(day, [...(by.get(day) ?? []), date]);
  }
  const first = `${month}-01`;
  const monday = dayPlus(first, -((new Date(utc(first)).getUTCDay() + 6) % 7));
  const weeks: Day[][] = [];
  for (let day = monday; weeks.length === 0 || monthOf(day) === month;) {
    const week: Day[] = [];
    for (let nth = 0; nth < 7; nth += 1, day = dayPlus(day, 1)) {
      week.push({
        day,
        number: Number(day.slice(8)),
        isInMonth: monthOf(day) === month,
        dates: by.get(day) ?? [],
      });
    }
    weeks.push(week);
  }
  return weeks;
}

const place = (state: DueState) => STATES.indexOf(state);

/** Dates by what has to be looked at first, then by when they are due. */
export const inOrder = (dates: readonly DateView[]): DateView[] =>
  [...dates].sort((a, b) => place(a.state) - place(b.state) || a.due_at.localeCompare(b.due_at));

/** The dates of the list in groups: of one day where one is chosen, and what was missed always. */
export function groupsOf(
  dates: readonly DateView[],
  day: string,
  zone: string,
): { state: DueState; dates: DateView[] }[] {
  const shown = dates.filter((date) => day === '' || date.state === 'missed' || dueDay(date, zone) === day);
  const ordered = inOrder(shown);
  return STATES.map((state) => ({ state, dates: ordered.filter((date) => date.state === state) })).filter(
    (group) => group.dates.length > 0,
  );
}

/** Why a date cannot be settled now; `null` when it can. */
export const settleRefusal = ({ kind, state }: DateView): string | null =>
  kind !== 'line'
    ? 'It follows from the line.'
    : state === 'upcoming'
      ? 'It cannot be done yet.'
      : state === 'due' || state === 'missed'
        ? null
        : 'It is settled already.';

/** The worst state of a day, for its mark. */
export const worst = (dates: readonly DateView[]): DueState | null => inOrder(dates)[0]?.state ?? null;

/** A day as a sentence: `21 Nov 2026, 2 dates, 1 missed`. */
export function dayText({ day, dates }: Day): string {
  const { date } = local(utc(day), 'UTC');
  if (dates.length === 0) return date;
  const missed = dates.filter(({ state }) => state === 'missed').length;
  const counted = `${dates.length} ${dates.length === 1 ? 'date' : 'dates'}`;
  return [date, counted, ...(missed > 0 ? [`${missed} missed`] : [])].join(', ');
}

export const keyOf = ({ run, item, key }: DateView): string => `${run} ${item} ${key}`;
