import { ApiPropertyOptional } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import { IsInt, IsOptional, IsString, Max, MaxLength, Min } from 'class-validator';
import { ThroughlineError } from '@throughline/domain/shared';

export class PageQuery {
  @ApiPropertyOptional({ description: 'The `next` of the page before.', type: String })
  @IsOptional()
  @IsString()
  @MaxLength(500)
  after?: string;

  @ApiPropertyOptional({ minimum: 1, maximum: 200, default: 50, type: Number })
  @IsOptional()
  @Type(() => Number)
  @IsInt()
  @Min(1)
  @Max(200)
  limit: number = 50;
}

export interface Page<T> {
  readonly items: readonly T[];
  readonly next: string | null;
}

export type CursorPart = string | number;

/** A page of views out of one row more than was asked for: that row says whether there is a next page. */
export function pageOf<Row, View>(
  rows: readonly Row[],
  limit: number,
  { view, cursor }: { view: (row: Row) => View; cursor: (row: Row) => readonly CursorPart[] },
): Page<View> {
  const shown = rows.slice(0, limit);
  const last = shown.at(-1);
  const more = rows.length > limit && last !== undefined;
  return { items: shown.map(view), next: more ? encodeCursor(cursor(last)) : null };
}

export function encodeCursor(parts: readonly CursorPart[]): string {
  return Buffer.from(JSON.stringify(parts)).toString('base64url');
}

const BAD_CURSOR = 'The cursor is not one that this list gave out.';

function decodeCursor(after: string): unknown[] {
  try {
    const parts: unknown = JSON.parse(Buffer.from(after, 'base64url').toString('utf8'));
    if (Array.isArray(parts)) return parts;
  } catch {
    // falls through: the refusal is the same
  }
  throw new ThroughlineError('invalid_request', BAD_CURSOR);
}

/** Cursors of lists that go by one key or id. */
export function textCursor(after: string | undefined): string | null {
  if (after === undefined) return null;
  const [key] = decodeCursor(after);
  if (typeof key === 'string') return key;
  throw new ThroughlineError('invalid_request', BAD_CURSOR);
}

export function uuidCursor(after: string | undefined): string | null {
  const id = textCursor(after);
  if (id === null || isUuid(id)) return id;
  throw new ThroughlineError('invalid_request', BAD_CURSOR);
}

export function numbersCursor(after: string | undefined): readonly number[] | null {
  if (after === undefined) return null;
  const parts = decodeCursor(after);
  if (parts.every((part) => typeof part === 'number' && Number.isSafeInteger(part))) {
    return parts.map(Number);
  }
  throw new ThroughlineError('invalid_request', BAD_CURSOR);
}

/** Cursors of lists that go by an instant and an id, or by two texts. */
export function pairCursor(after: string | undefined): readonly [CursorPart, string] | null {
  if (after === undefined) return null;
  const [first, second] = decodeCursor(after);
  if ((typeof first === 'string' || typeof first === 'number') && typeof second === 'string') {
    return [first, second];
  }
  throw new ThroughlineError('invalid_request', BAD_CURSOR);
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

export function isUuid(text: string): boolean {
  return UUID.test(text);
}
