/** The worker as it is run: a process of its own that turns an event into a mail, says if it is well, and goes when told to. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { MAIL_ONLY } from '../../../store/src/journeys/testing/definitions.js';
import { OutsideKit } from '../../../activities/src/testing/outside-kit.js';
import { openLaneKit, type LaneKit } from '../../../store/src/ingestion/testing/lane-kit.js';
import { eventually } from '../../../test/support/eventually.js';
import { testTemporal, testWorkflows } from '../../../test/support/temporal.js';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const KEY = Buffer.alloc(32, 3).toString('base64');

describe('the worker process', () => {
  let kit: LaneKit;
  let outside: OutsideKit;
  let port: number;
  const children: ChildProcess[] = [];

  beforeAll(async () => {
    [kit, outside, port] = await Promise.all([openLaneKit(), OutsideKit.open(), freePort()]);
    const settings = { host: '127.0.0.1', port: outside.smtpPort, from: 'shop@example.com' };
    await define('connection', 'mail', { connector: 'smtp-email', settings });
    await define('template', 'cart', { subject: 'Your cart', text: 'It is waiting.' });
    await kit.publish('journey', {
      ...MAIL_ONLY,
      key: 'thanks',
      purpose: null,
      legalBasis: 'contract',
    });
  }, 60_000);

  afterAll(async () => {
    for (const child of children) if (child.exitCode === null) child.kill('SIGKILL');
    await outside.close();
    await kit.close();
  });

  async function define(kind: string, key: string, body: object): Promise<void> {
    await kit.rows(
      `insert into definition (workspace_id, kind, key, body, live_version, state) values ($1, $2, $3, $4, 1, 'live')`,
      [kit.workspaceId, kind, key, JSON.stringify(body)],
    );
  }

  function start(
    environment: Record<string, string> = {},
  ): ChildProcess & { output: () => string } {
    const { address, namespace } = testTemporal();
    const child = spawn(
      process.execPath,
      [
        '--conditions=throughline-source',
        '--import',
        '@swc-node/register/esm-register',
        'apps/worker/src/main.ts',
      ],
      {
        cwd: ROOT,
        env: {
          PATH: process.env['PATH'] ?? '',
          DATABASE_URL: kit.url,
          TEMPORAL_ADDRESS: address,
          TEMPORAL_NAMESPACE: namespace,
          TL_QUEUE_PREFIX: `w${kit.workspaceId.slice(-8)}-`,
          TL_WORKFLOW_BUNDLE: testWorkflows(),
          TL_SECRET_KEY: KEY,
          TL_SIGNING_KEY: KEY,
          TL_PRIVATE_HOSTS: '*',
          WORKER_PORT: String(port),
          ...environment,
        },
        stdio: ['ignore', 'pipe', 'pipe'],
      },
    );
    children.push(child);
    let output = '';
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk: Buffer) => (output += chunk.toString()));
    return Object.assign(child, { output: () => output });
  }

  async function get(path: string): Promise<{ status: number; text: string }> {
    const response = await fetch(`http://127.0.0.1:${port}${path}`);
    return { status: response.status, text: await response.text() };
  }

  const mailsTo = (email: string) =>
    outside.mails.filter(({ to }) => JSON.stringify(to).includes(email));

  function cart(email: string): Promise<number> {
    return kit.send({
      type: 'track',
      event: 'Cart Updated',
      userId: email.split('@')[0],
      messageId: `cart-of-${email}`,
      context: { traits: { email } },
      properties: { cart_id: email },
      timestamp: new Date().toISOString(),
    });
  }

  it('turns an event into one mail, says that it is well, and ends with 0 when it is told to go', async () => {
    const worker = start();
    await eventually(
      async () => {
        expect((await get('/readyz')).status).toBe(200);
      },
      { deadlineMs: 40_000 },
    );
    expect(JSON.parse((await get('/healthz')).text)).toMatchObject({ status: 'ok' });
    await kit.send({
      type: 'identify',
      userId: 'carol',
      messageId: 'i1',
      traits: { email: 'carol@example.com' },
    });
    await cart('carol@example.com');
    await eventually(
      () => {
        expect(mailsTo('carol@example.com')).toHaveLength(1);
      },
      { deadlineMs: 20_000 },
    );
    await eventually(async () => {
      expect(await kit.rows(`select outcome from enrolment where state = 'ended'`)).toEqual([
        { outcome: 'completed' },
      ]);
    });
    const metrics = (await get('/metrics')).text;
    expect(metrics).toContain('throughline_relay_started_total 1');
    expect(metrics).toContain('throughline_workers_running 1');
    expect(metrics).not.toContain('carol');
    expect((await get('/nowhere')).status).toBe(404);
    worker.kill('SIGTERM');
    const code = await exitCode(worker);
    expect(code).toBe(0);
    expect(worker.output()).not.toContain('carol@example.com');
  }, 90_000);

  it('says all that is wrong with its settings at once, and does not start', async () => {
    const worker = start({ DATABASE_URL: '', TL_SECRET_KEY: 'short' });
    const code = await exitCode(worker);
    expect(code).toBe(78);
    expect(worker.output()).toContain('DATABASE_URL');
    expect(worker.output()).toContain('TL_SECRET_KEY');
  }, 30_000);

  it('does not start in a namespace that lacks its search attributes', async () => {
    const worker = start({ TEMPORAL_NAMESPACE: 'nowhere' });
    const code = await exitCode(worker);
    expect(code).toBe(1);
    expect(worker.output()).toContain('the worker cannot go on');
  }, 30_000);
});

function exitCode(child: ChildProcess): Promise<number | null> {
  return new Promise((resolve) => {
    child.once('exit', (code) => {
      resolve(code);
    });
  });
}

/** Free a moment ago, which is as much as can be known. */
async function freePort(): Promise<number> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === 'object' && address !== null ? address.port : 0;
}
