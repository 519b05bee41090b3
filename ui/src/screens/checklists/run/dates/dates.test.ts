import { describe, expect, it } from 'vitest';
import type { DateView } from '../../../../contract/DateView';
import { dayPlus, dayText, dueDay, groupsOf, inOrder, monthPlus, settleRefusal, weeksOf } from './model';

const ZONE = 'Europe/Berlin';
const date = (key: string, state: DateView['state'], due_at = `${key}T23:00:00Z`): DateView => ({
  run: 'run_1',
  run_name: 'Rollout',
  kind: 'line',
  owner: 'Ana',
  known: '',
  item: 'daily',
  text: 'Daily monitoring',
  section: ['Week 1'],
  key,
  opens_at: `${key}T00:00:00Z`,
  due_at,
  state,
  by: '',
  note: '',
  said: [],
  seen: [],
  has_report: false,
  outcome: '',
});

describe('a month', () => {
  it('is made of whole weeks from Monday, of any month', () => {
    for (let nth = 0; nth < 60; nth += 1) {
      const month = monthPlus('2024-01-15', nth).slice(0, 7);
      const days = weeksOf(month, [], ZONE).flat();
      expect(days.length % 7).toBe(0);
      expect(new Date(`${days[0]!.day}T00:00:00Z`).getUTCDay()).toBe(1);
      const inside = days.filter(({ isInMonth }) => isInMonth);
      const length = new Date(Date.UTC(Number(month.slice(0, 4)), Number(month.slice(5)), 0)).getUTCDate();
      expect(inside.map(({ number }) => number)).toEqual(Array.from({ length }, (_, day) => day + 1));
      expect(days.slice(0, 7).some(({ isInMonth }) => isInMonth)).toBe(true);
      expect(days.slice(-7).some(({ isInMonth }) => isInMonth)).toBe(true);
    }
  });

  it('has each date on its last day on time, in the zone', () => {
    // Midnight in Berlin is too late, so the day before is the last.
    expect(dueDay(date('2026-11-20', 'due', '2026-11-20T23:00:00Z'), ZONE)).toBe('2026-11-20');
    expect(dueDay(date('2026-11-20', 'due', '2026-11-20T23:00:01Z'), ZONE)).toBe('2026-11-21');
    const days = weeksOf('2026-11', [date('2026-11-20', 'due'), date('2026-11-20', 'missed')], ZONE).flat();
    const [on] = days.filter(({ dates }) => dates.length > 0);
    expect(on?.day).toBe('2026-11-20');
    expect(on?.dates.map(({ state }) => state)).toEqual(['missed', 'due']);
    expect(dayText(on!)).toBe('20 Nov 2026, 2 dates, 1 missed');
  });

  it('is left by day and by month without falling off its end', () => {
    expect(dayPlus('2026-02-28', 1)).toBe('2026-03-01');
    expect(dayPlus('2026-03-29', -1)).toBe('2026-03-28');
    expect(monthPlus('2026-01-31', 1)).toBe('2026-02-28');
    expect(monthPlus('2026-01-31', -2)).toBe('2025-11-30');
  });
});

describe('the list', () => {
  const dates = [
    date('2026-11-20', 'due'),
    date('2026-11-17', 'done'),
    date('2026-11-18', 'missed'),
    date('2026-11-16', 'missed'),
  ];

  it('begins with what was missed, the oldest first', () => {
    expect(inOrder(dates).map(({ key }) => key)).toEqual([
      '2026-11-16',
      '2026-11-18',
      '2026-11-20',
      '2026-11-17',
    ]);
  });

  it('keeps what was missed in sight, whatever day is chosen', () => {
    const shown = groupsOf(dates, '2026-11-17', ZONE);
    expect(shown.map(({ state, dates: of }) => [state, of.length])).toEqual([
      ['missed', 2],
      ['done', 1],
    ]);
    expect(groupsOf(dates, '', ZONE).flatMap(({ dates: of }) => of)).toHaveLength(4);
  });

  it('settles what is due or missed, once', () => {
    expect(settleRefusal(date('x', 'due'))).toBeNull();
    expect(settleRefusal(date('x', 'missed'))).toBeNull();
    expect(settleRefusal(date('x', 'upcoming'))).toBe('It cannot be done yet.');
    expect(settleRefusal(date('x', 'done_late'))).toBe('It is settled already.');
    expect(settleRefusal({ ...date('x', 'missed'), kind: 'waiver' })).toBe('It follows from the line.');
  });
});
