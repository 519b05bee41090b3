/** Instants as people read them: a date, a time of day, an age. The zone is the workspace's, never the computer's. */

const formats = new Map<string, Intl.DateTimeFormat>();

function format(zone: string): Intl.DateTimeFormat {
  let known = formats.get(zone);
  if (!known) {
    const options = {
      year: 'numeric',
      month: 'short',
      day: '2-digit',
      hour: '2-digit',
      minute: '2-digit',
      second: '2-digit',
      hourCycle: 'h23',
    } as const;
    try {
      known = new Intl.DateTimeFormat('en-US', { ...options, timeZone: zone });
    } catch {
      known = new Intl.DateTimeFormat('en-US', { ...options, timeZone: 'UTC' });
    }
    formats.set(zone, known);
  }
  return known;
}

export interface Local {
  /** `03 Jun 2026` */
  date: string;
  /** `14:02` */
  time: string;
  /** `14:02:09` */
  seconds: string;
  year: string;
}

/** Reads an instant in a zone. */
export function local(instant: number, zone: string): Local {
  const parts = Object.fromEntries(
    format(zone)
      .formatToParts(instant)
      .map((part) => [part.type, part.value]),
  );
  const time = `${parts['hour']}:${parts['minute']}`;
  const date = `${parts['day']} ${parts['month']} ${parts['year']}`;
  return { date, time, seconds: `${time}:${parts['second']}`, year: parts['year'] ?? '' };
}

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** The local day of an instant as a date field writes it: `2026-06-03`. */
export function dayOf(instant: number, zone: string): string {
  const [day = '', month = '', year = ''] = local(instant, zone).date.split(' ');
  return `${year}-${String(MONTHS.indexOf(month) + 1).padStart(2, '0')}-${day}`;
}

/**
 * The instant at which a clock in the zone shows this day and time; `null` for what is no date, no time, or skipped when
 * the clocks go forward. Of a time that comes twice it is the first.
 */
export function instantAt(day: string, time: string, zone: string): number | null {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(day) || !/^\d{2}:\d{2}$/.test(time)) return null;
  const wanted = Date.parse(`${day}T${time}:00Z`);
  if (Number.isNaN(wanted) || new Date(wanted).toISOString().slice(0, 10) !== day) return null;
  const shown = (instant: number) => Date.parse(`${dayOf(instant, zone)}T${local(instant, zone).time}:00Z`);
  // The zone's offset before and after any change that is near.
  const offsets = [wanted - DAY, wanted + DAY].map((near) => shown(near) - near);
  const found = offsets.map((offset) => wanted - offset).filter((instant) => shown(instant) === wanted);
  return found.length === 0 ? null : Math.min(...found);
}

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** An age in its largest fitting unit: `just now`, `4 min`, `3 h`, `12 d`, `5 mo`, `2 y`. */
export function span(ms: number): string {
  const length = Math.abs(ms);
  if (length < 45_000) return 'moments';
  if (length < HOUR) return `${Math.max(1, Math.floor(length / MINUTE))} min`;
  if (length < 36 * HOUR) return `${Math.floor(length / HOUR)} h`;
  if (length < 60 * DAY) return `${Math.floor(length / DAY)} d`;
  if (length < 730 * DAY) return `${Math.floor(length / (30.44 * DAY))} mo`;
  return `${Math.floor(length / (365.25 * DAY))} y`;
}

/** An age with its direction: `4 min ago`, `in 3 d`. */
export function age(instant: number, now: number): string {
  const past = now - instant;
  if (Math.abs(past) < 45_000) return 'just now';
  return past > 0 ? `${span(past)} ago` : `in ${span(past)}`;
}

/** A duration in seconds as people say it: `0.4 s`, `38 s`, `4 min 10 s`, `2 h 5 min`. */
export function duration(seconds: number): string {
  if (seconds < 10 && !Number.isInteger(seconds)) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  if (whole < 3_600) return `${Math.floor(whole / 60)} min${whole % 60 ? ` ${whole % 60} s` : ''}`;
  const minutes = Math.floor((whole % 3_600) / 60);
  return `${Math.floor(whole / 3_600)} h${minutes ? ` ${minutes} min` : ''}`;
}

/** A month as people say it: `2026-10` is `Oct 2026`. */
export function monthName(month: string): string {
  const [year, number] = month.split('-').map(Number);
  if (!year || !number || number > 12) return month;
  return `${local(Date.UTC(year, number - 1, 1), 'UTC').date.slice(3)}`;
}

/** When and by whom a sheet of paper was printed. */
export function printed(now: number, who: string): string {
  const { date, time } = local(now, 'UTC');
  return `Printed ${date} ${time} UTC${who === '' ? '' : ` by ${who}`}.`;
}
