import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { isJsonObject } from '@throughline/domain/shared';
import { at, listAt, openBench, type Bench } from './testing/bench.js';

const ROOT = join(fileURLToPath(import.meta.url), '../../../..');
const execute = promisify(execFile);

/** The examples as a reader would use them: through the command line, in a process of its own, against a real API. */
describe('the examples', () => {
  let bench: Bench;

  beforeAll(async () => {
    bench = await openBench();
  });
  afterAll(() => bench.close());

  const throughline = async (
    ...args: string[]
  ): Promise<{ readonly code: number; readonly out: string }> => {
    const node = [
      '--conditions=throughline-source',
      '--import',
      '@swc-node/register/esm-register',
      'apps/cli/src/main.ts',
    ];
    const env = {
      PATH: dirname(process.execPath),
      THROUGHLINE_URL: bench.url,
      THROUGHLINE_KEY: bench.shop.all,
      THROUGHLINE_WRITE_KEY: bench.shop.write,
      THROUGHLINE_SECRET_PRICE_HOOK: `whsec_${Buffer.alloc(32, 3).toString('base64')}`,
    };
    try {
      const { stdout } = await execute(process.execPath, [...node, '--json', ...args], {
        cwd: ROOT,
        env,
      });
      return { code: 0, out: stdout };
    } catch (error) {
      return { code: Number(at(error, 'code')), out: String(at(error, 'stdout')) };
    }
  };

  it('are valid offline', async () => {
    const { code, out } = await throughline('validate', 'examples/shop');
    expect([code, JSON.parse(out)]).toEqual([0, { valid: true, definitions: 10, faults: [] }]);
  });

  it('are put and published by one command, and a second time changes nothing that has no secret', async () => {
    const first = await throughline('apply', 'examples/shop');
    expect([first.code, at(JSON.parse(first.out), 'applied')]).toMatchObject([
      0,
      expect.arrayContaining([
        { kind: 'journeys', key: 'abandoned-cart', action: 'create', version: 1 },
      ]),
    ]);
    const journey = await bench.call(bench.shop.all, 'GET', '/api/v1/journeys/abandoned-cart');
    expect(journey.body).toMatchObject({ state: 'live', liveVersion: 1 });
    const again: unknown = JSON.parse((await throughline('apply', 'examples/shop')).out);
    expect(
      listAt(again, 'applied').map(
        (one) => `${String(at(one, 'key'))} ${String(at(one, 'action'))}`,
      ),
    ).toEqual([
      'price-hook update',
      'shop-mail unchanged',
      'birthday-greeting unchanged',
      'browse-reminder unchanged',
      'cart-reminder unchanged',
      'buyers unchanged',
      'abandoned-cart unchanged',
      'birthday unchanged',
      'browse-abandonment unchanged',
      'price-alert unchanged',
    ]);
    expect(
      (await bench.call(bench.shop.all, 'GET', '/api/v1/journeys/abandoned-cart')).body,
    ).toMatchObject({ revision: 1, liveVersion: 1 });
  });

  it('of HTTP requests are taken as they stand', async () => {
    const requests = httpRequests(
      readFileSync(join(ROOT, 'examples/shop/track-purchase.http'), 'utf8'),
    );
    expect(requests.map(({ path }) => path)).toEqual(['/v1/batch', '/v1/track', '/v1/track']);
    for (const { path, body } of requests) {
      const authorization = `Basic ${Buffer.from(`${bench.shop.write}:`).toString('base64')}`;
      const answer = await bench.call(null, 'POST', path, { body, headers: { authorization } });
      expect([path, answer.status]).toEqual([path, 200]);
    }
    const log = await bench.sql.query<{ events: number }>(
      "select sum(events)::int as events from event_log where kind = 'http'",
    );
    expect(log.rows[0]?.events).toBe(4);
  });
});

/** The requests of an .http file: after the line with the method come headers, an empty line and the body. */
function httpRequests(text: string): { readonly path: string; readonly body: unknown }[] {
  return text.split(/^###.*$/m).flatMap((part) => {
    const path = /^POST \{\{host\}\}(\S+)$/m.exec(part)?.[1];
    if (path === undefined) return [];
    const body: unknown = JSON.parse(part.slice(part.indexOf('\n\n', part.indexOf('POST'))));
    return isJsonObject(body) ? [{ path, body }] : [];
  });
}
