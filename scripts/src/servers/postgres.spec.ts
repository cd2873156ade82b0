import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { chmod, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { isAlive, descendants } from '../process-tree.js';
import {
  ensureDatabase,
  startEmbeddedPostgres,
  startPostgres,
  type EmbeddedPostgres,
  type StartPostgresOptions,
} from './postgres.js';
import { postgresDataDirs } from './postgres-place.js';

const running: EmbeddedPostgres[] = [];
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'throughline-postgres-'));
  await chmod(folder, 0o755);
});

afterAll(async () => {
  await Promise.all(running.map((each) => each.destroy()));
  await rm(folder, { recursive: true, force: true });
});

function optionsIn(parent: string): StartPostgresOptions {
  return { dataDir: join(parent, 'data'), logFile: join(parent, 'postgres.log'), env: {} };
}

async function start(options: StartPostgresOptions): Promise<EmbeddedPostgres> {
  const server = await startEmbeddedPostgres(options);
  running.push(server);
  return server;
}

async function query(url: string, sql: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(sql)).rows;
  } finally {
    await client.end();
  }
}

describe('the built-in PostgreSQL', () => {
  let server: EmbeddedPostgres;

  beforeAll(async () => {
    server = await start(optionsIn(folder));
  });

  it('asks for a password that only its owner can read', async () => {
    const file = join(folder, 'data.password');
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect(server.url).toContain(await readFile(file, 'utf8'));
    const wrong = new URL(server.url);
    wrong.password = 'guess';
    await expect(query(wrong.href, 'select 1')).rejects.toThrow('password authentication failed');
  });

  it('listens on the loopback address only and writes through to the disk', async () => {
    const settings = await query(
      server.url,
      `select current_setting('listen_addresses') as listens, current_setting('unix_socket_directories') as sockets,
              current_setting('fsync') as fsync, current_setting('max_connections') as connections`,
    );
    expect(settings).toEqual([
      { listens: '127.0.0.1', sockets: '', fsync: 'on', connections: '200' },
    ]);
  });

  it('makes a database once and finds it the second time', async () => {
    const url = await ensureDatabase(server, 'odd "name"');
    expect(await ensureDatabase(server, 'odd "name"')).toBe(url);
    expect(await query(url, 'select current_database() as name')).toEqual([{ name: 'odd "name"' }]);
  });

  it('keeps what was committed when all of it is killed at once', async () => {
    await query(server.url, 'create table kept (n int); insert into kept values (7)');
    const before = [server.pid(), ...descendants(server.pid())];
    await server.kill();
    expect(before.filter(isAlive)).toEqual([]);
    await server.restart();
    expect(await query(server.url, 'select n from kept')).toEqual([{ n: 7 }]);
  });

  it('starts again although only its first process was killed and the children linger', async () => {
    process.kill(server.pid(), 'SIGKILL');
    await server.restart();
    expect(await query(server.url, 'select n from kept')).toEqual([{ n: 7 }]);
  });

  it('takes its data over from a server whose starter is gone', async () => {
    const orphan = server.pid();
    const next = await start(optionsIn(folder));
    expect(isAlive(orphan)).toBe(false);
    expect(await query(next.url, 'select n from kept')).toEqual([{ n: 7 }]);
    await next.stop();
    expect(isAlive(next.pid())).toBe(false);
    server = next;
  });

  it('is not kept from starting by a process id that another program has by now', async () => {
    await writeFile(join(server.dataDir, 'postmaster.pid'), `${process.pid}\n${server.dataDir}\n`);
    await server.restart();
    expect(await query(server.url, 'select n from kept')).toEqual([{ n: 7 }]);
  });

  it('refuses data that another major version made, and says what to type', async () => {
    await server.stop();
    await writeFile(join(server.dataDir, 'PG_VERSION'), '9\n');
    await expect(startEmbeddedPostgres(optionsIn(folder))).rejects.toThrow(
      /PostgreSQL 9.*\nTry: npm start -- --reset/,
    );
  });
});

describe('a data folder that is closed to other users', () => {
  it('is no hindrance, root or not', async () => {
    const closed = await mkdtemp(join(tmpdir(), 'throughline-closed-'));
    await chmod(closed, 0o700);
    const options = optionsIn(closed);
    const server = await start(options);
    expect(await query(server.url, 'select 1 as one')).toEqual([{ one: 1 }]);
    expect(postgresDataDirs(options.dataDir)).toContain(server.dataDir);
    await server.destroy();
    await rm(closed, { recursive: true, force: true });
  });
});

describe('DATABASE_URL', () => {
  it('wins over the built-in server', async () => {
    const built = await start({ ...optionsIn(join(folder, 'given')), durable: false });
    const given = await startPostgres({ ...optionsIn(folder), env: { DATABASE_URL: built.url } });
    expect(given.kind).toBe('external');
    expect(given.urlOf('other')).toBe(built.urlOf('other'));
    await given.stop();
    expect(await query(built.url, 'select 1 as one')).toEqual([{ one: 1 }]);
  });

  it('that leads nowhere is a clear refusal, not a silent fallback', async () => {
    const env = { DATABASE_URL: 'postgres://u:p@127.0.0.1:1/none' };
    await expect(startPostgres({ ...optionsIn(folder), env })).rejects.toThrow(
      /^DATABASE_URL is set, but that database does not answer/,
    );
  });
});
