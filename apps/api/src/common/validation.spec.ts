import 'reflect-metadata';
import { describe, expect, it } from '@jest/globals';
import type { Type } from '@nestjs/common';
import { Type as Typed } from 'class-transformer';
import { IsIn, IsInt, IsOptional, Matches, Min, ValidateNested } from 'class-validator';
import { ThroughlineError, type Fault } from '@throughline/domain/shared';
import { ListDefinitionsQuery } from './definitions.query.js';
import { PageQuery } from './page.js';
import { envelopePipe } from './validation.js';

class Part {
  @IsInt()
  @Min(1)
  count: number = 0;
}

class Envelope {
  @Matches(/^[a-z]+$/)
  key: string = '';

  @IsOptional()
  @IsIn(['a', 'b'])
  kind?: 'a' | 'b';

  @IsOptional()
  @ValidateNested()
  @Typed(() => Part)
  part?: Part;
}

async function taken(metatype: Type, value: unknown): Promise<unknown> {
  const answer: unknown = await envelopePipe().transform(value, { type: 'body', metatype });
  return answer;
}

async function faultsBy(metatype: Type, value: unknown): Promise<readonly Fault[]> {
  try {
    await taken(metatype, value);
    return [];
  } catch (error) {
    if (!(error instanceof ThroughlineError)) throw error;
    expect(error.code).toBe('invalid_request');
    return error.faults;
  }
}

describe('an envelope', () => {
  it('becomes an instance of its class', async () => {
    const answer = await taken(Envelope, { key: 'shop', kind: 'a', part: { count: 2 } });
    expect(answer).toBeInstanceOf(Envelope);
    expect(answer).toEqual({ key: 'shop', kind: 'a', part: { count: 2 } });
  });

  it('names every rule that was broken, by path', async () => {
    const faults = await faultsBy(Envelope, { key: 'SHOP', kind: 'c', part: { count: 0.5 } });
    expect(faults.map(({ path, code }) => `${path}: ${code}`).sort()).toEqual([
      'key: matches',
      'kind: isIn',
      'part.count: isInt',
      'part.count: min',
    ]);
    expect(faults.every(({ message }) => message !== '')).toBe(true);
  });

  it.each([
    [{ key: 'shop', workspaceId: 'other' }, 'workspaceId'],
    [{ key: 'shop', part: { count: 1, scopes: ['admin'] } }, 'part.scopes'],
  ])('holds nothing that its class does not name: %j', async (body, path) => {
    expect(await faultsBy(Envelope, body)).toMatchObject([{ path, code: 'whitelistValidation' }]);
  });

  it('cannot reach the prototype of anything', async () => {
    for (const text of [
      '{"key":"shop","__proto__":{"admin":true}}',
      '{"key":"shop","constructor":{"prototype":{"admin":true}}}',
    ]) {
      const hostile: unknown = JSON.parse(text);
      const answer = await taken(Envelope, hostile);
      expect(answer).toEqual({ key: 'shop' });
      expect(answer).toBeInstanceOf(Envelope);
      expect(Reflect.get({}, 'admin')).toBeUndefined();
    }
  });
});

describe('the query of a list', () => {
  it.each([
    [{}, { limit: 50 }],
    [{ limit: '1' }, { limit: 1 }],
    [
      { limit: '200', after: 'abc' },
      { limit: 200, after: 'abc' },
    ],
  ])('%j is %j', async (query, expected) => {
    expect(await taken(PageQuery, query)).toEqual(expected);
  });

  it.each([
    [{ limit: '0' }],
    [{ limit: '201' }],
    [{ limit: '1.5' }],
    [{ limit: 'many' }],
    [{ limit: '1e99' }],
    [{ after: 'x'.repeat(501) }],
    [{ after: ['a', 'b'] }],
    [{ offset: '3' }],
  ])('%j is refused', async (query) => {
    expect(await faultsBy(PageQuery, query)).not.toEqual([]);
  });

  it.each([
    ['true', true],
    ['false', false],
  ])('takes archived=%s', async (archived, expected) => {
    expect(await taken(ListDefinitionsQuery, { archived })).toMatchObject({ archived: expected });
  });

  it.each(['yes', '1', '', 'TRUE', ['true', 'false']])(
    'does not guess what archived=%j might mean',
    async (archived) => {
      expect(await faultsBy(ListDefinitionsQuery, { archived })).toMatchObject([
        { path: 'archived', code: 'isBoolean' },
      ]);
    },
  );
});
