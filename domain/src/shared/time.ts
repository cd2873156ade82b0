/**
 * Instants as senders and definitions write them: RFC 3339 text, or ms since epoch. `Date.parse` alone takes far too much
 * (`"1"`, `"Tuesday 5"`) and reads a time without offset in the zone of the machine; here such a time is UTC.
 */
const INSTANT =
  /^(\d{4})-(\d{2})-(\d{2})(?:[Tt ](\d{2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?([Zz]|[+-]\d{2}:?\d{2})?)?$/;
const MAX_TIME = 253_402_300_799_999; // end of the year 9999
export const MIN_TIME = -62_135_596_800_000; // start of the year 1: what the database can hold, with room to spare

/** Ms since epoch, or undefined where the value is no instant between the years 1 and 9999. */
export function parseTime(value: unknown): number | undefined {
  if (typeof value === 'number') return withinRange(Math.trunc(value));
  return typeof value === 'string' && value.length <= 40 ? parseText(value) : undefined;
}

function parseText(text: string): number | undefined {
  const parts = INSTANT.exec(text);
  if (!parts) return undefined;
  const [, year = '', month = '', day = '', hour = '00', minute = '00', second = '00'] = parts;
  // The day is checked by itself, because Date.parse turns 31 February into 2 March.
  if (day === '00' || Number(day) > daysIn(Number(year), Number(month))) return undefined;
  if (Number(hour) > 23 || Number(minute) > 59 || Number(second) > 60) return undefined;
  const offset = offsetMs(parts[8]);
  if (offset === undefined) return undefined;
  const seconds = (Number(hour) * 60 + Number(minute)) * 60 + Number(second);
  const millis = Number((parts[7] ?? '').padEnd(3, '0').slice(0, 3));
  const days = dayNumber(Number(year), Number(month), Number(day));
  return withinRange(days * 86_400_000 + seconds * 1_000 + millis - offset);
}

/** Days since 1970-01-01 in the Gregorian calendar; years run from March here, so that leap days come last. */
function dayNumber(year: number, month: number, day: number): number {
  const y = month <= 2 ? year - 1 : year;
  const era = Math.floor(y / 400);
  const yearOfEra = y - era * 400;
  const dayOfYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + day - 1;
  const dayOfEra =
    yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear;
  return era * 146_097 + dayOfEra - 719_468;
}

function daysIn(year: number, month: number): number {
  if (month < 1 || month > 12) return 0;
  if (month === 2) return (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0 ? 29 : 28;
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
}

function offsetMs(text: string | undefined): number | undefined {
  if (text === undefined || text === 'Z' || text === 'z') return 0;
  const hours = Number(text.slice(1, 3));
  const minutes = Number(text.slice(-2));
  if (hours > 23 || minutes > 59) return undefined;
  return (text.startsWith('-') ? -1 : 1) * (hours * 60 + minutes) * 60_000;
}

function withinRange(ms: number): number | undefined {
  return ms >= MIN_TIME && ms <= MAX_TIME ? ms : undefined;
}
