import { MIN_TIME } from '@throughline/domain/shared';
import type { SqlParameters } from './sql-parameters.js';

const MAX_TIME = 253_402_300_799_999;

/**
 * An instant to compare event times with. Definitions can reach beyond what a date can hold (a window of a million years): every
 * event time lies between the years 1 and 9999, so what is outside is as good as infinite.
 */
export function instantSql(ms: number, parameters: SqlParameters): string {
  return parameters.bind(instantText(ms), 'timestamptz');
}

/** As text, so that no float division comes between. */
function instantText(ms: number): string {
  if (ms < MIN_TIME) return '-infinity';
  return ms > MAX_TIME ? 'infinity' : new Date(ms).toISOString();
}

/** The same as ms since epoch, to compare with instant_ms. */
export function millisSql(ms: number, parameters: SqlParameters): string {
  return parameters.bind(String(Math.min(Math.max(ms, -LIMIT), LIMIT)), 'bigint');
}

const LIMIT = Number.MAX_SAFE_INTEGER;
