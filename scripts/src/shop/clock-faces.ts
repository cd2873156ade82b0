/** Places and times for the demo: where it is day now, where it is night, and the next minute at which a birthday can begin. */

const PLACES = [
  'Pacific/Honolulu',
  'America/Los_Angeles',
  'America/New_York',
  'America/Sao_Paulo',
  'Atlantic/Azores',
  'Europe/Berlin',
  'Africa/Nairobi',
  'Asia/Karachi',
  'Asia/Dhaka',
  'Asia/Tokyo',
  'Australia/Sydney',
  'Pacific/Auckland',
] as const;

/** Somewhere between nine and nineteen o'clock: nobody there is disturbed by a mail. */
export function dayPlace(now: Date): string {
  return placeWhere(now, (hour) => hour >= 9 && hour < 19);
}

/** Somewhere between eleven at night and six: mail has to wait for the morning. */
export function nightPlace(now: Date): string {
  return placeWhere(now, (hour) => hour >= 23 || hour < 6);
}

function placeWhere(now: Date, fits: (hour: number) => boolean): string {
  return PLACES.find((zone) => fits(hourIn(zone, now))) ?? 'UTC';
}

export function hourIn(timeZone: string, now: Date): number {
  const format = new Intl.DateTimeFormat('en-GB', { timeZone, hour: '2-digit', hourCycle: 'h23' });
  return Number(format.format(now));
}

export interface BirthdayMinute {
  /** HH:MM in UTC at which the journey begins */
  readonly at: string;
  /** a date of birth whose anniversary that is */
  readonly born: string;
}

const LEAD_MS = 15_000;
const MINUTE_MS = 60_000;

/** The first full minute that leaves time to sign up before it. */
export function birthdayMinute(now: Date): BirthdayMinute {
  const minute = new Date(Math.ceil((now.getTime() + LEAD_MS) / MINUTE_MS) * MINUTE_MS);
  const text = minute.toISOString();
  return { at: text.slice(11, 16), born: `1992${text.slice(4, 10)}` };
}
