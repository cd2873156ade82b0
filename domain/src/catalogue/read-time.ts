/** Days and times as files write them. A format is named, never guessed: 03/04/2026 is two days. */
import {
  addDays,
  instantOf,
  isZone,
  localDateOf,
  parseTime,
  type Json,
  type LocalDate,
} from '../shared/index.js';
import type { TimeFormat } from './types.js';

interface Wall {
  readonly date: LocalDate;
  /** since midnight */
  readonly ms: number;
  /** undefined: the text says none */
  readonly offsetMs: number | undefined;
}

type WrittenFormat = Exclude<TimeFormat, 'epoch_s' | 'epoch_ms'>;

const YMD = [1, 2, 3] as const;
const DMY = [3, 2, 1] as const;
const MDY = [3, 1, 2] as const;

const DAYS: Readonly<Record<WrittenFormat, readonly [RegExp, readonly [number, number, number]]>> =
  {
    iso: [/^(\d{4})-(\d{1,2})-(\d{1,2})/, YMD],
    'dd.mm.yyyy': [/^(\d{1,2})\.(\d{1,2})\.(\d{4})/, DMY],
    'dd/mm/yyyy': [/^(\d{1,2})\/(\d{1,2})\/(\d{4})/, DMY],
    'mm/dd/yyyy': [/^(\d{1,2})\/(\d{1,2})\/(\d{4})/, MDY],
    'dd-mm-yyyy': [/^(\d{1,2})-(\d{1,2})-(\d{4})/, DMY],
    'yyyy/mm/dd': [/^(\d{4})\/(\d{1,2})\/(\d{1,2})/, YMD],
    yyyymmdd: [/^(\d{4})(\d{2})(\d{2})/, YMD],
  };

const TIME =
  /^(?:[Tt]|,?\s+)(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?(?:\s?([AaPp])\.?[Mm]\.?)?(?:\s?(?:(Z|z|UTC)|([+-]\d{2}):?(\d{2})?))?$/;
const DECIMAL = /^-?\d{1,17}(?:\.\d{1,9})?$/;

/** `2026-04-03`: the day that is written, whatever the offset beside it, since birthdays have none. */
export function readDate(value: Json, format: TimeFormat, zone: string): string | undefined {
  if (format === 'epoch_s' || format === 'epoch_ms') {
    const instant = readEpoch(value, format);
    return instant === undefined ? undefined : isoDay(localDateOf(instant, known(zone)));
  }
  const wall = readWall(value, format);
  return wall === undefined ? undefined : isoDay(wall.date);
}

/** RFC 3339 in UTC. A time without an offset is one of the zone's clocks. */
export function readInstant(value: Json, format: TimeFormat, zone: string): string | undefined {
  const ms =
    format === 'epoch_s' || format === 'epoch_ms'
      ? readEpoch(value, format)
      : instant(readWall(value, format), known(zone));
  return ms === undefined || parseTime(ms) === undefined ? undefined : new Date(ms).toISOString();
}

function instant(wall: Wall | undefined, zone: string): number | undefined {
  if (wall === undefined) return undefined;
  if (wall.offsetMs === undefined && zone !== 'UTC') return instantInZone(wall, zone);
  const midnight = parseTime(isoDay(wall.date));
  return midnight === undefined ? undefined : midnight + wall.ms - (wall.offsetMs ?? 0);
}

const DAY_MS = 86_400_000;
const MOST_DAYS = 5_000;
/** Midnight of days on which the clocks of a zone go neither forward nor back; null: they do. */
const midnights = new Map<string, number | null>();

/** A zone's rules are asked once a day, not once a row: nearly every day is 24 hours long. */
function instantInZone({ date, ms }: Wall, zone: string): number {
  const key = `${zone} ${isoDay(date)}`;
  const midnight = midnights.get(key) ?? evenMidnight(date, zone);
  if (midnights.size < MOST_DAYS) midnights.set(key, midnight);
  if (midnight !== null) return midnight + ms;
  return instantOf(date, Math.floor(ms / 60_000), zone) + (ms % 60_000);
}

function evenMidnight(date: LocalDate, zone: string): number | null {
  const midnight = instantOf(date, 0, zone);
  const isEven = instantOf(addDays(date, 1), 0, zone) - midnight === DAY_MS;
  return isEven && instantOf(date, 12 * 60, zone) - midnight === DAY_MS / 2 ? midnight : null;
}

function known(zone: string): string {
  return isZone(zone) ? zone : 'UTC';
}

function readEpoch(value: Json, format: 'epoch_s' | 'epoch_ms'): number | undefined {
  const number = typeof value === 'string' && DECIMAL.test(value.trim()) ? Number(value) : value;
  if (typeof number !== 'number') return undefined;
  return parseTime(Math.round(format === 'epoch_s' ? number * 1_000 : number));
}

function readWall(value: Json, format: WrittenFormat): Wall | undefined {
  // A database's or a spreadsheet's 20260403 may come as a number.
  const text = typeof value === 'number' && format === 'yyyymmdd' ? String(value) : value;
  if (typeof text !== 'string' || text.length > 60) return undefined;
  const written = text.trim();
  const [pattern, [y, m, d]] = DAYS[format];
  const day = pattern.exec(written);
  if (day === null) return undefined;
  const date = { year: Number(day[y]), month: Number(day[m]), day: Number(day[d]) };
  if (parseTime(isoDay(date)) === undefined) return undefined;
  const rest = written.slice(day[0].length);
  if (rest === '') return { date, ms: 0, offsetMs: undefined };
  return readTimeOfDay(date, TIME.exec(rest));
}

function readTimeOfDay(date: LocalDate, parts: RegExpExecArray | null): Wall | undefined {
  if (parts === null) return undefined;
  const [, hour = '', minute = '', second = '0', fraction = '', half, utc, sign, rest] = parts;
  const hours = half === undefined ? Number(hour) : ofHalf(Number(hour), half);
  if (hours === undefined || hours > 23 || Number(minute) > 59 || Number(second) > 59) {
    return undefined;
  }
  const millis = Number(fraction.padEnd(3, '0').slice(0, 3));
  const ms = ((hours * 60 + Number(minute)) * 60 + Number(second)) * 1_000 + millis;
  if (utc !== undefined) return { date, ms, offsetMs: 0 };
  if (sign === undefined) return { date, ms, offsetMs: undefined };
  const minutes = Math.abs(Number(sign)) * 60 + Number(rest ?? '0');
  if (minutes > 18 * 60) return undefined;
  return { date, ms, offsetMs: (sign.startsWith('-') ? -1 : 1) * minutes * 60_000 };
}

/** 12 AM is midnight, 12 PM is noon. */
function ofHalf(hour: number, half: string): number | undefined {
  if (hour < 1 || hour > 12) return undefined;
  return (hour % 12) + (half.toLowerCase() === 'p' ? 12 : 0);
}

function isoDay({ year, month, day }: LocalDate): string {
  return `${pad(year, 4)}-${pad(month, 2)}-${pad(day, 2)}`;
}

function pad(value: number, length: number): string {
  return String(value).padStart(length, '0');
}
