import { Injectable, type PipeTransform } from '@nestjs/common';
import { ThroughlineError } from '@throughline/domain/shared';
import { isUuid } from './page.js';

export const KEY_PATTERN = /^[a-z0-9][a-z0-9_-]{0,62}$/;

/** What is not an id names nothing, in this workspace or any other: the same answer as for a foreign one. */
@Injectable()
export class IdParam implements PipeTransform<unknown, string> {
  transform(value: unknown): string {
    if (typeof value === 'string' && isUuid(value)) return value.toLowerCase();
    throw new ThroughlineError('not_found');
  }
}

@Injectable()
export class KeyParam implements PipeTransform<unknown, string> {
  transform(value: unknown): string {
    if (typeof value === 'string' && KEY_PATTERN.test(value)) return value;
    throw new ThroughlineError('not_found');
  }
}

/** Keys that are about to be made get a reason instead. */
@Injectable()
export class NewKeyParam implements PipeTransform<unknown, string> {
  transform(value: unknown): string {
    if (typeof value === 'string' && KEY_PATTERN.test(value)) return value;
    throw new ThroughlineError(
      'invalid_request',
      'A key has lower-case letters, digits, - and _, begins with a letter or digit, and is at most 63 long.',
    );
  }
}

/** 404 for what is not there, so that foreign and missing look alike. */
export function found<T>(thing: T | null | undefined): T {
  if (thing === null || thing === undefined) throw new ThroughlineError('not_found');
  return thing;
}

/** `If-Match: "3"` as a revision; null where the caller does not care. */
export function revisionOf(ifMatch: string | undefined): number | null {
  if (ifMatch === undefined || ifMatch === '*') return null;
  const [, digits] = /^(?:W\/)?"(\d{1,9})"$/.exec(ifMatch.trim()) ?? [];
  if (digits === undefined) {
    throw new ThroughlineError('invalid_request', 'If-Match takes the ETag of an earlier answer.');
  }
  return Number(digits);
}

export function iso(ms: number): string {
  return new Date(ms).toISOString();
}

export function isoOrNull(ms: number | null): string | null {
  return ms === null || !Number.isFinite(ms) ? null : iso(ms);
}
