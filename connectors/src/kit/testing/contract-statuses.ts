/** What every connector makes of plain statuses, broken connections and bodies that are not the vendor's; what a vendor says in its own bodies is the connector's spec's business. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { ConnectorDefinition } from '../define-connector.js';
import type { Idempotency } from '../faults.js';
import type { ItemResult } from '../results.js';
import { runAction, type ActionOutcome } from '../run-action.js';
import {
  answer,
  startCaptureServer,
  type CapturedRequest,
  type CaptureServer,
  type Reply,
} from './capture-server.js';
import { NOW_MS, testContext } from './test-context.js';

export interface StatusSubject {
  readonly connector: ConnectorDefinition;
  readonly action: string;
  readonly settings: Readonly<Record<string, unknown>>;
  input(n: number): Readonly<Record<string, unknown>>;
  /** Answers what goes before the action itself, such as a request for an access token. */
  preamble?(request: CapturedRequest): Reply | undefined;
}

const HTML = '<html><body>Bad gateway</body></html>';
const IN_FIVE_SECONDS = new Date(NOW_MS + 5_000).toUTCString();

type Status = ItemResult['status'];

/** Repeats of 409 are a success to vendors that know the key; 5xx may not be repeated where the vendor may have acted. */
const OUTCOMES: readonly (readonly [name: string, reply: Reply, allowed: readonly Status[]])[] = [
  ['302', answer(302, '', { location: 'http://127.0.0.1:1/' }), ['failed']],
  ['400', answer(400), ['failed']],
  ['401', answer(401), ['failed']],
  ['403', answer(403), ['failed']],
  ['404', answer(404), ['failed']],
  ['409', answer(409), ['failed', 'retry', 'delivered']],
  ['410', answer(410), ['failed']],
  ['413', answer(413), ['failed']],
  ['422', answer(422), ['failed']],
  ['500', answer(500), ['retry', 'unknown']],
  ['500 with HTML', answer(500, HTML, { 'content-type': 'text/html' }), ['retry', 'unknown']],
  ['503', answer(503), ['retry', 'unknown']],
];

const RATE_LIMITS: readonly (readonly [name: string, reply: Reply, afterMs: number])[] = [
  ['429, seconds', answer(429, '', { 'retry-after': '120' }), 120_000],
  ['429, date', answer(429, '', { 'retry-after': IN_FIVE_SECONDS }), 5_000],
  ['503, seconds', answer(503, '', { 'retry-after': '3' }), 3_000],
];

const STRANGE: readonly (readonly [name: string, reply: Reply])[] = [
  ['HTML under 200', answer(200, HTML, { 'content-type': 'text/html' })],
  ['half a JSON text under 200', answer(200, '{"ok":')],
  ['JSON of another shape under 200', answer(200, '[[null]]')],
  ['nothing under 200', answer(200)],
  ['an answer that breaks off', { kind: 'cut' }],
];

/** For actions that speak HTTP; others have no statuses. */
export function describeStatuses(subject: StatusSubject): void {
  if (!speaksHttp(subject)) return;
  describe('plain statuses', () => {
    let server: CaptureServer;
    let reply: Reply = answer(500);
    const test = testContext();
    beforeAll(async () => {
      server = await startCaptureServer((request) => subject.preamble?.(request) ?? reply);
    });
    afterAll(async () => {
      await subject.connector.close();
      await test.close();
      await server.close();
    });
    const run = (given: Reply): Promise<ActionOutcome> => {
      reply = given;
      const { connector, action, settings } = subject;
      const items = [{ key: 'enrolment:step:1', input: subject.input(1) }];
      const ctx = { ...test.ctx, baseUrlOverride: server.url };
      return runAction(connector, { action, settings, items }, ctx);
    };

    it.each(OUTCOMES)('%s', async (_name, given, allowed) => {
      const { results } = await run(given);
      expect(results).toHaveLength(1);
      expect(allowed).toContain(results[0]?.status);
    });

    it.each(RATE_LIMITS)('%s: waits as long as the vendor says', async (_name, given, afterMs) => {
      const { results } = await run(given);
      expect(results).toEqual([{ status: 'retry', code: 'rate_limited', afterMs }]);
    });

    it.each([401, 403])('%s asks for a person', async (status) => {
      expect((await run(answer(status))).attention).toBeDefined();
    });

    it('a connection that breaks once all was sent: nobody knows', async () => {
      const status = endOf(subject.connector.idempotency);
      const { results } = await run({ kind: 'reset' });
      expect(results).toEqual([{ status, code: 'outcome_unknown' }]);
    });

    it.each(STRANGE)('%s: one result and no more', async (_name, given) => {
      const { results } = await run(given);
      expect(results.map((result) => result.status)).toEqual([
        expect.stringMatching(/^(delivered|retry|failed|unknown)$/),
      ]);
    });
  });
}

function endOf(idempotency: Idempotency): Status {
  return idempotency === 'key' ? 'retry' : 'unknown';
}

function speaksHttp({ connector, action, settings }: StatusSubject): boolean {
  const opened = connector.open(settings);
  return opened.ok && opened.connection.action(action)?.plan !== undefined;
}
