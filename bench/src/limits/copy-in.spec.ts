import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { createTestDatabase, type TestDatabase } from '../../../test/support/database.js';
import { copyIn, copyText } from './copy-in.js';

const COPY = 'copy copied (body) from stdin';

let database: TestDatabase;
let client: pg.Client;
beforeAll(async () => {
  database = await createTestDatabase();
  client = new pg.Client({ connectionString: database.url });
  await client.connect();
  await client.query(
    'create table copied (id int generated always as identity, body text not null)',
  );
});
afterAll(async () => {
  await client.end();
  await database.drop();
});

async function stored(): Promise<string[]> {
  const { rows } = await client.query<{ body: string }>('select body from copied order by id');
  await client.query('truncate copied');
  return rows.map(({ body }) => body);
}

describe('COPY', () => {
  it('stores every text as it is, whatever characters it holds', async () => {
    const texts = fc.array(
      fc.string({ unit: 'grapheme' }).filter((text) => !text.includes('\0')),
      {
        minLength: 1,
        maxLength: 20,
      },
    );
    await fc.assert(
      fc.asyncProperty(texts, async (bodies) => {
        await copyIn(client, COPY, bodies.map((body) => `${copyText(body)}\n`).join(''));
        expect(await stored()).toEqual(bodies);
      }),
      { numRuns: 50 },
    );
  });

  it('stores tabs, line ends and backslashes', async () => {
    const body = 'a\tb\nc\rd\\e\\N';
    await copyIn(client, COPY, `${copyText(body)}\n`);
    expect(await stored()).toEqual([body]);
  });

  it('stores nothing of a text that the database refuses, says why, and leaves the connection usable', async () => {
    await expect(copyIn(client, COPY, 'good\nbad\ttoo many\n')).rejects.toThrow(/extra data/);
    await expect(copyIn(client, 'copy nowhere from stdin', 'x\n')).rejects.toThrow(
      /does not exist/,
    );
    expect(await stored()).toEqual([]);
  });

  it('is part of the transaction around it', async () => {
    await client.query('begin');
    await copyIn(client, COPY, 'gone\n');
    await client.query('rollback');
    expect(await stored()).toEqual([]);
  });

  it('takes more than a socket takes at once', async () => {
    const bodies = Array.from({ length: 3_000 }, (_, i) => `${i}-${'x'.repeat(900)}`);
    await copyIn(client, COPY, bodies.map((body) => `${body}\n`).join(''));
    expect(await stored()).toEqual(bodies);
  });
});
