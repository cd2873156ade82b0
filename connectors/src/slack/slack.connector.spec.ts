import { describe, expect, it } from '@jest/globals';
import { answer, startCaptureServer } from '../kit/testing/capture-server.js';
import { describeConnectorContract } from '../kit/testing/connector-contract.js';
import { responseOf, STATUS_ROWS, type StatusRow } from '../kit/testing/status-rows.js';
import { NOW_MS, testContext } from '../kit/testing/test-context.js';
import type { ItemResult } from '../kit/results.js';
import { runAction } from '../kit/run-action.js';
import { slack } from './index.js';
import { postSpec } from './post.action.js';

const CANARY = 'canary0123456789';

describeConnectorContract({
  connector: slack,
  action: 'post',
  settings: { url: `http://127.0.0.1:9/services/T0/B0/${CANARY}` },
  canary: CANARY,
  input: (n) => ({ text: `For person-${n}` }),
  invalidInput: { text: '' },
  standIn: async (manner) => {
    const server = await startCaptureServer(() =>
      manner === 'accepts' ? answer(200, 'ok') : { kind: 'silence' },
    );
    const received = (): number => server.requests.filter(({ body }) => body !== '{}').length;
    return { baseUrl: server.url, received, close: server.close };
  },
});

describe('slack over a socket', () => {
  it('sends exactly this', async () => {
    const server = await startCaptureServer(() => answer(200, 'ok'));
    const test = testContext();
    const blocks = [{ type: 'section', text: { type: 'mrkdwn', text: '*Grüße* ✓' } }];
    const { results } = await runAction(
      slack,
      {
        action: 'post',
        settings: { url: `${server.url}/services/T0/B0/x` },
        items: [{ key: 'e:s:1', input: { text: 'Grüße ✓', blocks } }],
      },
      test.ctx,
    );
    expect(results).toEqual([{ status: 'delivered' }]);
    expect(server.requests[0]).toMatchObject({
      method: 'POST',
      path: '/services/T0/B0/x',
      body: JSON.stringify({ text: 'Grüße ✓', blocks }),
      headers: { 'content-type': 'application/json' },
    });
    await test.close();
    await server.close();
  });

  it.each([
    [400, 'no_text', { ok: true }],
    [404, 'no_service', { ok: false, fault: { code: 'endpoint_gone' } }],
    [403, 'invalid_token', { ok: false, fault: { code: 'auth_invalid' } }],
    [502, '', { ok: false, fault: { class: 'retryable' } }],
  ])('a check that hears %i %s', async (status, word, expected) => {
    const server = await startCaptureServer(() => answer(status, word));
    const test = testContext();
    const opened = slack.open({ url: `${server.url}/services/x` });
    expect(opened.ok && (await opened.connection.check(test.ctx))).toMatchObject(expected);
    expect(server.requests[0]?.body).toBe('{}');
    await test.close();
    await server.close();
  });
});

describe('reading what Slack says', () => {
  const settings = { url: 'https://hooks.slack.com/services/T0/B0/x' };
  const ctx = { settings, nowMs: NOW_MS, idempotency: 'none' } as const;
  const failed = (
    status: number,
    word: string,
    code: 'message_refused' | 'sender_refused' | 'auth_invalid' | 'endpoint_gone',
  ): StatusRow => [
    `${status} ${word}`,
    { status, body: word },
    { status: 'failed', message: `HTTP ${status}, ${word}`, code },
  ];

  const unreadable: ItemResult = { status: 'unknown', code: 'response_unreadable' };

  it.each<StatusRow>([
    ['200 ok', { body: 'ok' }, { status: 'delivered' }],
    ['200 with an empty body', {}, unreadable],
    ['200 with HTML', { body: '<html>login</html>' }, unreadable],
    ['200 that was cut', { body: 'ok', complete: false }, unreadable],
    failed(200, 'invalid_payload', 'message_refused'),
    failed(400, 'invalid_payload', 'message_refused'),
    failed(400, 'no_text', 'message_refused'),
    failed(403, 'action_prohibited', 'sender_refused'),
    failed(403, 'invalid_token', 'auth_invalid'),
    failed(404, 'no_service', 'endpoint_gone'),
    failed(404, 'channel_not_found', 'endpoint_gone'),
    failed(410, 'channel_is_archived', 'endpoint_gone'),
    [
      '500 rollup_error',
      { status: 500, body: 'rollup_error' },
      { status: 'retry', code: 'provider_unavailable' },
    ],
    ['502', { status: 502 }, { status: 'unknown', code: 'outcome_unknown' }],
    ...STATUS_ROWS,
  ])('%s', (_name, given, expected) => {
    const item = { key: 'e:s:1', input: { text: 'x' } };
    expect(postSpec.read(responseOf(given), [item], ctx)).toEqual([expected]);
  });
});
