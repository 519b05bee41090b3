import { describe, expect, it } from 'vitest';
import { age, dayOf, duration, instantAt, local, monthName, printed, span } from './when';

const at = (text: string) => Date.parse(text);

describe('an instant in a zone', () => {
  it.each([
    ['2026-06-03T12:02:09Z', 'UTC', '03 Jun 2026', '12:02', '12:02:09'],
    ['2026-06-03T12:02:09Z', 'Europe/Berlin', '03 Jun 2026', '14:02', '14:02:09'],
    ['2026-12-31T23:30:00Z', 'Asia/Tokyo', '01 Jan 2027', '08:30', '08:30:00'],
    ['2026-03-29T01:30:00Z', 'Europe/Berlin', '29 Mar 2026', '03:30', '03:30:00'],
    ['2026-09-01T00:00:00Z', 'UTC', '01 Sep 2026', '00:00', '00:00:00'],
  ])('%s in %s', (instant, zone, date, time, seconds) => {
    expect(local(at(instant), zone)).toMatchObject({ date, time, seconds });
  });

  it('falls back to UTC for a zone nobody knows', () => {
    expect(local(at('2026-06-03T12:02:09Z'), 'Mars/Olympus').time).toBe('12:02');
  });
});

describe('an age', () => {
  const now = at('2026-11-20T10:00:00Z');
  it.each([
    ['2026-11-20T09:59:30Z', 'just now'],
    ['2026-11-20T09:56:00Z', '4 min ago'],
    ['2026-11-20T07:00:00Z', '3 h ago'],
    ['2026-11-19T08:00:00Z', '26 h ago'],
    ['2026-11-08T10:00:00Z', '12 d ago'],
    ['2026-06-20T10:00:00Z', '5 mo ago'],
    ['2023-11-20T10:00:00Z', '3 y ago'],
    ['2026-11-23T10:00:00Z', 'in 3 d'],
    ['2026-11-20T10:00:20Z', 'just now'],
  ])('%s is %s', (instant, text) => {
    expect(age(at(instant), now)).toBe(text);
  });

  it('of less than a minute is moments', () => {
    expect(span(30_000)).toBe('moments');
  });
});

it.each([
  [0.412, '0.4 s'],
  [8, '8 s'],
  [102, '1 min 42 s'],
  [120, '2 min'],
  [3_600, '1 h'],
  [7_500, '2 h 5 min'],
])('%d seconds last %s', (seconds, text) => {
  expect(duration(seconds)).toBe(text);
});

it.each([
  ['2026-10', 'Oct 2026'],
  ['2025-01', 'Jan 2025'],
  ['2026-13', '2026-13'],
  ['', ''],
])('month %j is %j', (month, text) => {
  expect(monthName(month)).toBe(text);
});

describe('a sheet of paper', () => {
  it('says when and by whom it was printed', () => {
    expect(printed(at('2026-06-03T12:02:09Z'), 'Dana Reyes')).toBe(
      'Printed 03 Jun 2026 12:02 UTC by Dana Reyes.',
    );
    expect(printed(at('2026-06-03T12:02:09Z'), '')).toBe('Printed 03 Jun 2026 12:02 UTC.');
  });
});

describe('a local day and time', () => {
  const at = (day: string, time: string, zone: string) => {
    const instant = instantAt(day, time, zone);
    return instant === null ? null : new Date(instant).toISOString();
  };

  it('is the day of the zone, not of the computer', () => {
    expect(dayOf(Date.parse('2026-11-20T23:30:00Z'), 'Europe/Berlin')).toBe('2026-11-21');
    expect(dayOf(Date.parse('2026-01-01T03:00:00Z'), 'America/New_York')).toBe('2025-12-31');
  });

  it.each([
    ['2026-11-20', '10:42', 'Europe/Berlin', '2026-11-20T09:42:00.000Z'],
    ['2026-07-01', '00:00', 'Europe/Berlin', '2026-06-30T22:00:00.000Z'],
    ['2026-06-01', '05:45', 'Asia/Kathmandu', '2026-06-01T00:00:00.000Z'],
    ['2026-03-29', '02:30', 'Europe/Berlin', null],
    ['2026-10-25', '02:30', 'Europe/Berlin', '2026-10-25T00:30:00.000Z'],
    ['2026-02-31', '10:00', 'UTC', null],
    ['2026-11-20', '24:10', 'UTC', null],
    ['20.11.2026', '10:00', 'UTC', null],
  ])('%s %s in %s is %s', (day, time, zone, instant) => {
    expect(at(day, time, zone)).toBe(instant);
  });
});
