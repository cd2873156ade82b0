import { once } from 'node:events';
import type { Server } from 'node:http';
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Connection } from '@temporalio/client';
import { SEARCH_ATTRIBUTES } from '@throughline/workflows/contract';
import { testTemporal } from '../../../../test/support/temporal.js';
import { eventually } from '../../../../test/support/eventually.js';
import { at, openBench, type Bench } from '../testing/bench.js';

describe('readiness', () => {
  let bench: Bench;

  beforeAll(async () => {
    const { address, namespace } = testTemporal();
    bench = await openBench({
      temporalAddress: address,
      temporalNamespace: namespace,
      lagLimitMs: 200,
    });
  });
  afterAll(() => bench.close());

  const ready = () => bench.call(null, 'GET', '/readyz');
  const reasons = async (): Promise<unknown> => at((await ready()).body, 'reasons');

  it('is given when database, migrations, lanes, Temporal and its search attributes are as they must be', async () => {
    const { address, namespace } = testTemporal();
    const connection = await Connection.connect({ address });
    const { customAttributes } = await connection.operatorService.listSearchAttributes({
      namespace,
    });
    await connection.close();
    const missing = Object.keys(SEARCH_ATTRIBUTES).filter(
      (name) => customAttributes[name] === undefined,
    );
    const answer = await ready();
    expect(at(answer.body, 'reasons')).toEqual(
      missing.map((name) => `temporal_search_attribute_missing:${name}`),
    );
    expect(answer.status).toBe(missing.length === 0 ? 200 : 503);
  });

  it('is refused while a lane is behind or stopped, with the reason', async () => {
    const body = '{"userId":"u","event":"x"}';
    const headers = {
      authorization: `Bearer ${bench.shop.write}`,
      'content-type': 'application/json',
    };
    expect((await fetch(`${bench.url}/v1/track`, { method: 'POST', headers, body })).status).toBe(
      200,
    );
    await eventually(async () => {
      expect(await reasons()).toContain(`lane_behind:${bench.shop.id}`);
    });
    expect((await ready()).status).toBe(503);
    expect((await ready()).headers.get('retry-after')).toBe('2');
    await bench.sql.query("update lane set stopped_reason = 'our bug' where workspace_id = $1", [
      bench.rival.id,
    ]);
    expect(await reasons()).toContain(`lane_stopped:${bench.rival.id}`);
    await bench.sql.query(
      'update lane l set position = a.position, stopped_reason = null from lane_append a where a.workspace_id = l.workspace_id',
    );
    expect(await reasons()).not.toContain(`lane_behind:${bench.shop.id}`);
  });

  it('is refused while a migration is pending', async () => {
    await bench.sql.query(
      "delete from schema_migration where name = 'RowLevelSecurity1764000000006'",
    );
    expect(await reasons()).toContain('migration_pending:RowLevelSecurity1764000000006');
  });

  it('shows the lag as a number', async () => {
    const text = (await bench.call(null, 'GET', '/metrics')).text;
    expect(text).toMatch(/^throughline_lane_lag_seconds \d/m);
    expect(text).toMatch(/^throughline_ingest_queue_depth 0$/m);
  });
});

describe('a server whose Temporal is away', () => {
  let bench: Bench;

  beforeAll(async () => {
    bench = await openBench();
  });
  afterAll(() => bench.close());

  it('is alive and not ready, and goes on taking events', async () => {
    expect((await bench.call(null, 'GET', '/healthz')).body).toEqual({ status: 'ok' });
    const answer = await bench.call(null, 'GET', '/readyz');
    expect(answer.status).toBe(503);
    expect(at(answer.body, 'reasons')).toEqual(['temporal_unreachable']);
    const headers = {
      authorization: `Bearer ${bench.shop.write}`,
      'content-type': 'application/json',
    };
    const body = '{"userId":"u","event":"x"}';
    expect((await fetch(`${bench.url}/v1/track`, { method: 'POST', headers, body })).status).toBe(
      200,
    );
  });
});

describe('a slow client', () => {
  let bench: Bench;

  beforeAll(async () => {
    bench = await openBench();
  });
  afterAll(() => bench.close());

  it('is let go after seconds, not minutes', () => {
    const server: unknown = bench.api.app.getHttpServer();
    expect(at(server, 'headersTimeout')).toBe(10_000);
    expect(at(server, 'requestTimeout')).toBe(3_600_000);
  });

  it.each([
    ['its headers', 'POST /v1/track HTTP/1.1\r\nhost: x\r\n'],
    ['its body', 'POST /v1/track HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\n\r\n{'],
  ])('that never ends %s is answered 408 and hung up on', async (_what, beginning) => {
    const server: Server = bench.api.app.getHttpServer();
    server.headersTimeout = 300;
    server.requestTimeout = 300;
    const { hostname, port } = new URL(bench.url);
    const socket = connect(Number(port), hostname, () => socket.write(beginning));
    const chunks: Buffer[] = [];
    socket.on('data', (chunk: Buffer) => chunks.push(chunk));
    await once(socket, 'close');
    expect(Buffer.concat(chunks).toString()).toMatch(/^HTTP\/1.1 408/);
  });
});
