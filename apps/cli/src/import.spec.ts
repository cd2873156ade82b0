import { mkdtemp, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, describe, expect, it } from '@jest/globals';
import { progressBar, progressTo } from './progress.js';
import { runCli } from './testing/capture.js';

interface Got {
  readonly method: string;
  readonly url: URL;
  readonly body: Buffer;
}

/** Takes a file and then says, question by question, how far it is. */
class ImportServer {
  readonly got: Got[] = [];
  status = 202;
  states: object[] = [];
  private server: Server | undefined;

  async open(): Promise<string> {
    const server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        const url = new URL(request.url ?? '', 'http://127.0.0.1');
        this.got.push({ method: request.method ?? '', url, body: Buffer.concat(chunks) });
        const [next, ...later] = this.states;
        if (later.length > 0) this.states = later;
        response.writeHead(request.method === 'POST' ? this.status : 200);
        response.end(JSON.stringify(next ?? {}));
      });
    });
    this.server = server;
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    return `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`;
  }

  async close(): Promise<void> {
    this.server?.closeAllConnections();
    await new Promise((resolve) => (this.server ?? createServer()).close(resolve));
  }
}

const state = (name: string, read: number, accepted: number | null = null): object => ({
  id: 'i-1',
  state: name,
  rows: { total: 10, read, warned: 1, rejected: 2 },
  events: { accepted, duplicates: 0, quarantined: 1 },
});

async function fileOf(name: string, content: string | Buffer): Promise<string> {
  const path = join(await mkdtemp(join(tmpdir(), 'throughline-cli-')), name);
  await writeFile(path, content);
  return path;
}

let server: ImportServer | undefined;
afterEach(async () => {
  await server?.close();
  server = undefined;
});
async function serve(...states: object[]): Promise<{ server: ImportServer; url: string }> {
  const made = new ImportServer();
  server = made;
  made.states = states;
  return { server: made, url: await made.open() };
}
const WHAT = ['--kind', 'orders', '--mapping', 'till'];

describe('throughline import', () => {
  it('sends the file as it is and says what became of it', async () => {
    const { server: seen, url } = await serve(state('staged', 0));
    const packed = gzipSync('a,b\n1,2\n');
    const { exit, out, err } = await runCli(
      ['import', await fileOf('till.csv.gz', packed), ...WHAT, '--start-journeys'],
      { url },
    );
    expect([exit, out]).toEqual([
      0,
      'import i-1: staged\nrows: 10, read 0, warned 1, rejected 2\n',
    ]);
    expect(err).toContain('upload [##############################] 100%');
    const [upload] = seen.got;
    expect(upload?.body.equals(packed)).toBe(true);
    expect(Object.fromEntries(upload?.url.searchParams ?? [])).toEqual({
      kind: 'orders',
      mapping: 'till',
      format: 'csv',
      startJourneys: 'true',
      rerun: 'false',
    });
  });

  it('watches until the last row is decided', async () => {
    const { server: seen, url } = await serve(
      state('staged', 0),
      state('running', 5),
      state('done', 10, 7),
    );
    const file = await fileOf('till.ndjson', '{}\n');
    const { exit, out, err } = await runCli(['import', file, ...WHAT, '--watch'], { url });
    expect(exit).toBe(0);
    expect(out).toContain('events: accepted 7, duplicates 0, quarantined 1');
    expect(err).toContain('50% 5/10');
    expect(err.endsWith('\n')).toBe(true);
    expect(seen.got.map(({ method }) => method)).toEqual(['POST', 'GET', 'GET']);
  });

  it('tells a program in JSON and nothing else, and fails where the import does', async () => {
    const { url } = await serve(state('staged', 0), state('failed', 3));
    const file = await fileOf('till.csv', 'a\n1\n');
    const { exit, out, err } = await runCli(['--json', 'import', file, ...WHAT, '--watch'], {
      url,
    });
    expect([exit, err]).toEqual([1, '']);
    expect(JSON.parse(out)).toMatchObject({ id: 'i-1', state: 'failed' });
  });

  it('says that a file is known', async () => {
    const { server: seen, url } = await serve(state('done', 10, 10));
    seen.status = 200;
    const { out } = await runCli(['import', await fileOf('x.csv', 'a\n'), ...WHAT], { url });
    expect(out).toContain('imported before');
  });

  it.each([
    ['a file that is not there', ['import', '/nowhere/x.csv', ...WHAT], 2],
    ['a file of no known kind', ['import', '/nowhere/x.bin', ...WHAT], 2],
    ['no mapping', ['import', 'x.csv', '--kind', 'orders'], 2],
  ])('refuses %s', async (_what, args, code) => {
    expect((await runCli(args)).exit).toBe(code);
  });

  it('says so when the server refuses or is away', async () => {
    const { server: seen, url } = await serve({ detail: 'No mapping till is published.' });
    seen.status = 409;
    const file = await fileOf('x.csv', 'a\n');
    const refused = await runCli(['import', file, ...WHAT], { url });
    expect([refused.exit, refused.err]).toEqual([1, expect.stringContaining('No mapping till')]);
    expect((await runCli(['import', file, ...WHAT])).exit).toBe(3);
  });
});

describe('a progress bar', () => {
  it('is written over, never twice the same, and says nothing of what has no size', () => {
    const written: string[] = [];
    const progress = progressTo({ write: (text) => void written.push(text) });
    progress.show(progressBar('rows', 1, 2));
    progress.show(progressBar('rows', 1, 2));
    progress.end();
    progress.end();
    expect(written).toEqual([`\rrows [${'#'.repeat(15)}${'-'.repeat(15)}] 50% 1/2`, '\n']);
    expect(progressBar('rows', 0, 0)).toContain('0% 0/0');
    expect(progressBar('rows', 3, 2)).toContain('100%');
  });
});
