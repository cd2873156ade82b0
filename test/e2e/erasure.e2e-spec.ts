/**
 * A person who is erased is nowhere: in no table that there is, in no history, log, export or metric. The real API and the real worker
 * run in this process; the tables are asked of the catalogue, so that one which is added is searched without anybody thinking of it.
 */
import { randomBytes } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Client, Connection } from '@temporalio/client';
import { at, listAt, openBench, textAt, type Bench } from '../../apps/api/src/testing/bench.js';
import { journey, mailConnection, template } from '../../apps/api/src/testing/definitions.js';
import { addressOf } from '../../connectors/src/kit/testing/capture-server.js';
import {
  startMailCatcher,
  type MailCatcher,
} from '../../connectors/src/smtp-email/testing/smtp-stand-in.js';
import { eventually } from '../support/eventually.js';
import { Gate } from '../support/gate.js';
import { addRuns, Haystack } from '../support/haystack.js';
import { recordPromise } from '../support/promises.js';
import { testTemporal } from '../support/temporal.js';
import { startWorker, type RunningWorker } from '../support/worker.js';

const SECRET = `whsec_${randomBytes(32).toString('base64')}`;

interface Person {
  readonly marker: string;
  readonly userId: string;
  readonly email: string;
}

function somebody(): Person {
  const marker = `canary${randomBytes(6).toString('hex')}`;
  return { marker, userId: `${marker}-user`, email: `${marker}@example.com` };
}

describe('a person who is erased', () => {
  let bench: Bench;
  let worker: RunningWorker;
  let mail: MailCatcher;
  let hook: Server;
  let temporal: Connection;
  const told: string[] = [];
  let beforeAnswer = (): Promise<void> => Promise.resolve();

  beforeAll(async () => {
    mail = await startMailCatcher();
    hook = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        const body = Buffer.concat(chunks).toString('utf8');
        told.push(body);
        const held = body.includes('customer.erased') ? Promise.resolve() : beforeAnswer();
        void held.then(() => response.end(JSON.stringify({ echo: body })));
      });
    });
    await new Promise<void>((resolve) => hook.listen(0, '127.0.0.1', resolve));
    const { address, namespace } = testTemporal();
    temporal = await Connection.connect({ address });
    bench = await openBench({ temporalAddress: address, temporalNamespace: namespace });
    await define();
    worker = await startWorker(bench.config);
  }, 120_000);

  afterAll(async () => {
    await worker.close();
    await bench.close();
    await temporal.close();
    await mail.close();
    hook.closeAllConnections();
    await new Promise((resolve) => hook.close(resolve));
  }, 60_000);

  async function put(path: string, body: object): Promise<void> {
    const { status, text } = await bench.call(bench.shop.all, 'PUT', `/api/v1/${path}`, { body });
    if (status >= 300) throw new TypeError(`${path}: ${status} ${text}`);
  }

  async function publish(key: string, event: string, steps: object): Promise<void> {
    const trigger = { kind: 'event', event };
    const done = { kind: 'exit', reason: 'completed' };
    const start = Object.keys(steps)[0];
    const body = journey(key, {
      trigger,
      start,
      steps: { ...steps, done },
      entry: { reentry: 'once' },
    });
    await put(`journeys/${key}`, body);
    const path = `/api/v1/journeys/${key}/publish`;
    const { status, text } = await bench.call(bench.shop.all, 'POST', path, { body: {} });
    if (status !== 200) throw new TypeError(`${path}: ${status} ${text}`);
  }

  async function define(): Promise<void> {
    const url = `http://127.0.0.1:${addressOf(hook.address()).port}`;
    await put('connections/mail', mailConnection('mail', { port: mail.port }));
    await put('connections/hook', {
      key: 'hook',
      name: 'Hook',
      connector: 'webhook',
      settings: { url, secret: SECRET },
    });
    await put('templates/hello', template('hello', 'Hello {{ traits.name }}'));
    const post = {
      kind: 'sendToDestination',
      connection: 'hook',
      action: 'post',
      input: { event: 'signed_up', body: { who: { $path: 'traits.name' } } },
      next: 'done',
    };
    const words = {
      kind: 'message',
      channel: 'email',
      connection: 'mail',
      template: 'hello',
      next: 'tag',
    };
    const tag = {
      kind: 'updateProfile',
      traits: { last: { $path: 'trigger.properties.note' } },
      next: 'post',
    };
    await publish('good', 'Signed Up', { words, tag, post });
    await publish('waits', 'Signed Up', {
      rest: { kind: 'delay', duration: 'P30D', next: 'done' },
    });
    await publish('calls', 'Called', { post });
  }

  const send = async (batch: readonly object[]): Promise<void> => {
    const { status } = await bench.call(bench.shop.write, 'POST', '/v1/batch', { body: { batch } });
    expect(status).toBe(200);
  };

  function life({ marker, userId, email }: Person, event = 'Signed Up'): object[] {
    const timestamp = new Date().toISOString();
    return [
      {
        type: 'identify',
        userId,
        anonymousId: `${marker}-device`,
        messageId: `${marker}-identify`,
        timestamp,
        traits: { email, name: `${marker} Featherstone` },
      },
      {
        type: 'track',
        userId,
        timestamp,
        event: 'Consent Changed',
        properties: { purpose: 'marketing', state: 'granted' },
      },
      {
        type: 'track',
        userId,
        timestamp,
        event,
        messageId: `${marker}-message`,
        properties: { note: `${marker}-note`, cart_id: `${marker}-cart` },
      },
    ];
  }

  /** What stands in the log without ever becoming an event of theirs. */
  function debris({ marker, userId, email }: Person): object[] {
    return [
      { type: 'track', userId, messageId: `${marker}-bad`, properties: { note: marker } },
      {
        type: 'identify',
        userId: `${marker}-other-user-${'x'.repeat(300)}`,
        traits: { email: email.toUpperCase() },
      },
      { type: 'track', userId, event: 'Other', messageId: `${marker}-message` },
    ];
  }

  const find = async (email: string): Promise<string> => {
    const path = `/api/v1/customers?identifier=${encodeURIComponent(`email:${email}`)}`;
    return textAt((await bench.call(bench.shop.all, 'GET', path)).body, 'items', 0, 'id');
  };

  const erase = async (id: string): Promise<string> => {
    const path = `/api/v1/customers/${id}/erase`;
    const asked = await bench.call(bench.shop.only.privacy, 'POST', path, {
      body: { reason: 'asked to' },
    });
    expect(asked.status).toBe(202);
    return textAt(asked.body, 'id');
  };

  const finished = (eraseId: string): Promise<unknown> =>
    eventually(
      async () => {
        const { body } = await bench.call(
          bench.shop.only.privacy,
          'GET',
          `/api/v1/erasures/${eraseId}`,
        );
        expect(at(body, 'state')).toBe('done');
        return body;
      },
      { deadlineMs: 45_000 },
    );

  /** Everything that was ever written down: every table, every run, every line. */
  async function everywhere(): Promise<Haystack> {
    const hay = new Haystack();
    const tables = await bench.sql.query<{ name: string }>(
      `select c.relname as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
        where n.nspname = 'public' and c.relkind in ('r', 'p') and not c.relispartition order by 1`,
    );
    expect(tables.rows.length).toBeGreaterThan(45);
    for (const { name } of tables.rows) {
      const { rows } = await bench.sql.query<{ row: string }>(
        `select t::text as row from ${name} t`,
      );
      hay.add(name, rows.map(({ row }) => row).join('\n'));
    }
    const client = new Client({ connection: temporal, namespace: testTemporal().namespace });
    await addRuns(hay, client, `TenantId = '${bench.shop.id}'`);
    hay.add('the log of the API', bench.logLines.join(''));
    hay.add('the log of the worker', worker.lines.join(''));
    hay.add('the metrics of the API', await (await fetch(`${bench.url}/metrics`)).text());
    hay.add('the metrics of the worker', await (await fetch(`${worker.url}/metrics`)).text());
    return hay;
  }

  const runsOf = async (
    id: string,
  ): Promise<{ journey_key: string; enrolment_id: string; state: string }[]> =>
    (
      await bench.sql.query<{ journey_key: string; enrolment_id: string; state: string }>(
        'select journey_key, enrolment_id, state from enrolment where subject_id = $1 order by 1',
        [id],
      )
    ).rows;

  it('is found nowhere, while others are where they were', async () => {
    const [ada, bob] = [somebody(), somebody()];
    await send([...life(ada), ...life(bob), ...debris(ada)]);
    const id = await eventually(() => find(ada.email));
    await eventually(
      async () => {
        const states = (await runsOf(id)).map(({ journey_key: key, state }) => `${key}:${state}`);
        expect(states).toEqual(['good:ended', 'waits:active']);
      },
      { deadlineMs: 30_000 },
    );
    const before = (await everywhere()).find({ ada: ada.marker });
    for (const place of [
      'customer',
      'identifier',
      'event',
      'event_log',
      'message_seen',
      'quarantine',
      'enrolment',
      'delivery',
      'trait_change',
    ])
      expect(before).toContain(`ada in ${place}`);
    const runs = await runsOf(id);

    const certificate = await finished(await erase(id));

    expect((await everywhere()).find({ ada: ada.marker })).toEqual([]);
    expect((await everywhere()).find({ bob: bob.marker })).toEqual(
      expect.arrayContaining(['bob in customer', 'bob in event_log', 'bob in message_seen']),
    );
    const client = new Client({ connection: temporal, namespace: testTemporal().namespace });
    for (const { journey_key: key, enrolment_id: run } of runs)
      await expect(
        client.workflow.getHandle(`journey/${key}/${run}`).describe(),
      ).rejects.toMatchObject({ name: 'WorkflowNotFoundError' });
    expect(certificate).toMatchObject({
      customerId: id,
      destinations: { hook: 'told' },
      stores: { customer: 1, enrolment: 2, temporal_history: 2, quarantine: 3 },
      certificate: {
        requestedBy: expect.stringContaining('key:'),
        stores: { event: expect.any(Number) },
      },
      certificateHash: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
    const notices = told.filter((body) => body.includes('customer.erased'));
    expect(notices.map((body) => at(JSON.parse(body), 'data', 'customerIds'))).toEqual([[id]]);
    recordPromise({
      promise: 'an erased person is nowhere',
      held: true,
      detail: 'every table, history, log and metric',
    });
  }, 120_000);

  it('does not come back with what comes late', async () => {
    const eve = somebody();
    await send(life(eve));
    const id = await eventually(() => find(eve.email));
    await finished(await erase(id));
    // The phone was offline: the same events again, and one that was never sent.
    const old = new Date(Date.now() - 120_000).toISOString();
    await send([
      ...life(eve).map((event) => ({ ...event, timestamp: old })),
      {
        type: 'track',
        userId: eve.userId,
        timestamp: old,
        event: 'Late',
        properties: { note: eve.marker },
      },
    ]);
    await eventually(async () => {
      const { rows } = await bench.sql.query<{ behind: number }>(
        'select a.position - l.position as behind from lane_append a join lane l using (workspace_id) where l.workspace_id = $1',
        [bench.shop.id],
      );
      expect(rows).toEqual([{ behind: 0 }]);
    });
    expect((await everywhere()).find({ eve: eve.marker })).toEqual([]);
    const gone = await bench.call(bench.shop.only.privacy, 'GET', `/api/v1/customers/${id}/export`);
    expect(gone.status).toBe(404);
  }, 90_000);

  it('is forgotten although a call about them is under way, and the call ends as it would have', async () => {
    const ida = somebody();
    const gate = new Gate();
    beforeAnswer = () => gate.enter();
    await send(life(ida, 'Called'));
    await gate.reached;
    const id = await find(ida.email);
    const eraseId = await erase(id);
    // The profile is gone at once; the run is not cut off in the middle of its call.
    await eventually(async () => {
      const { body } = await bench.call(
        bench.shop.only.privacy,
        'GET',
        `/api/v1/erasures/${eraseId}`,
      );
      expect(at(body, 'state')).toBe('closing');
    });
    expect(
      (await bench.sql.query('select 1 from identifier where customer_id = $1', [id])).rows,
    ).toEqual([]);
    expect((await runsOf(id)).map(({ state }) => state)).toEqual(['active']);
    gate.open();
    const done = await finished(eraseId);
    expect(done).toMatchObject({ stores: { delivery: 1, enrolment: 1, temporal_history: 1 } });
    expect((await everywhere()).find({ ida: ida.marker })).toEqual([]);
    beforeAnswer = () => Promise.resolve();
  }, 90_000);

  it('can have all that is kept about them before', async () => {
    const joe = somebody();
    await send([...life(joe), ...life(joe).slice(0, 1)]);
    const id = await eventually(() => find(joe.email));
    await eventually(
      async () => {
        expect((await runsOf(id)).map(({ state }) => state)).toEqual(['ended', 'active']);
      },
      { deadlineMs: 30_000 },
    );
    const { status, body } = await bench.call(
      bench.shop.only.privacy,
      'GET',
      `/api/v1/customers/${id}/export`,
    );
    expect(status).toBe(200);
    expect(at(body, 'customerIds')).toEqual([id]);
    // Every table that holds the person, but for what is kept of everybody as it came in, and what holds nothing but a reference.
    const named = (await everywhere())
      .find({ joe: joe.marker })
      .map((place) => place.replace('joe in ', ''));
    const elsewhere = ['event_log', 'message_seen'];
    const sections: Readonly<Record<string, string>> = {
      customer: 'profiles',
      identifier: 'identifiers',
      identifier_change: 'identifierChanges',
      trait_change: 'traitChanges',
      event: 'events',
      enrolment: 'enrolments',
      delivery: 'deliveries',
      trail: 'trail',
    };
    for (const table of named.filter((name) => !elsewhere.includes(name))) {
      expect(sections).toHaveProperty(table);
      expect(JSON.stringify(at(body, sections[table] ?? ''))).toContain(joe.marker);
    }
    for (const section of [
      'consents',
      'consentChanges',
      'enrolments',
      'waits',
      'trail',
      'deliveries',
    ])
      expect(listAt(body, section).length).toBeGreaterThan(0);
  }, 60_000);
});
