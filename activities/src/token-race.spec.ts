/** Two workers that meet a 401 at once: one asks for a new token, both go on with it. Real PostgreSQL, a vendor on loopback. */
import { randomBytes } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createEgress, runAction, type RunContext } from '@throughline/connectors/kit';
import { findConnector } from '@throughline/connectors/registry';
import { currentToken } from '@throughline/store/destinations';
import { newId, openPool } from '@throughline/store/shared';
import { createSecretBox } from '@throughline/store/workspaces';
import { createTestDatabase, type TestDatabase } from '../../test/support/database.js';
import { runContextOf } from './run-context.js';

const WORKERS = 2;
const CALLS_EACH = 3;

/** Takes the newest token only, and answers the first round of calls when all of them have come with the old one. */
class Vendor {
  tokensGiven = 0;
  readonly accepted: string[] = [];
  private readonly waiting: (() => void)[] = [];
  private readonly server: Server;

  constructor(private readonly together: number) {
    this.server = createServer((request, response) => {
      const json = (status: number, body: object): void => {
        response.writeHead(status, { 'content-type': 'application/json' });
        response.end(JSON.stringify(body));
      };
      request.resume().once('end', () => {
        if (request.url === '/token') {
          this.tokensGiven += 1;
          json(200, { access_token: `token-${this.tokensGiven}`, expires_in: 3_600 });
          return;
        }
        const sent = request.headers.authorization ?? '';
        if (this.tokensGiven < 2) {
          this.whenAllHaveCome(() => {
            json(401, {});
          });
          return;
        }
        const current = sent === `Bearer token-${this.tokensGiven}`;
        if (current) this.accepted.push(sent);
        json(current ? 200 : 401, current ? { requestId: 'r' } : {});
      });
    });
  }

  async listen(): Promise<string> {
    await new Promise<void>((resolve) => this.server.listen(0, '127.0.0.1', resolve));
    const address = this.server.address();
    return `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`;
  }

  close(): void {
    this.server.closeAllConnections();
    this.server.close();
  }

  private whenAllHaveCome(refuse: () => void): void {
    this.waiting.push(refuse);
    if (this.waiting.length === this.together) for (const each of this.waiting) each();
  }
}

describe('a token that two workers find refused', () => {
  const vendor = new Vendor(WORKERS * CALLS_EACH);
  const box = createSecretBox([randomBytes(32)]);
  const egress = createEgress({ allowPrivateAddresses: true });
  const owner = { workspaceId: newId(), connectionKey: 'google' };
  let database: TestDatabase;
  let pools: ReturnType<typeof openPool>[] = [];
  let baseUrl = '';

  beforeAll(async () => {
    database = await createTestDatabase();
    pools = Array.from({ length: WORKERS }, () =>
      openPool({ url: database.url, role: 'tl_engine', max: 3 }),
    );
    const admin = openPool({ url: database.url, role: 'tl_app', max: 1 });
    await admin.query(`set role none`);
    await admin.query(
      `insert into workspace (workspace_id, key, name) values ($1, 'shop', 'Shop')`,
      [owner.workspaceId],
    );
    await admin.end();
    baseUrl = await vendor.listen();
  });
  afterAll(async () => {
    vendor.close();
    await egress.close();
    await Promise.all(pools.map((pool) => pool.end()));
    await database.drop();
  });

  function contextOf(pool: ReturnType<typeof openPool>): RunContext {
    const nothing = (): void => undefined;
    const log = { debug: nothing, warn: nothing };
    const context = { egress, now: Date.now, newId: () => newId(), log };
    const tokensOf = () => ({
      current: (ask: Parameters<NonNullable<RunContext['tokens']>['current']>[0]) =>
        currentToken({ pool, box, now: Date.now, ...owner }, ask),
    });
    return runContextOf({ context, tokensOf }, owner, new AbortController().signal);
  }

  async function add(ctx: RunContext, n: number): Promise<string | undefined> {
    const connector = findConnector('google-data-manager');
    if (connector === undefined) return undefined;
    const settings = {
      clientId: 'id',
      clientSecret: 'secret',
      refreshToken: 'refresh',
      accountId: '1',
      customerMatchTerms: 'accepted',
      baseUrl,
    };
    const items = [{ key: `page:${n}`, input: { audienceId: '9', externalId: `c-${n}` } }];
    const { results } = await runAction(connector, { action: 'add', settings, items }, ctx);
    return results[0]?.status;
  }

  it('is asked for once more, not once by each', async () => {
    const contexts = pools.flatMap((pool) =>
      Array.from({ length: CALLS_EACH }, () => contextOf(pool)),
    );
    const statuses = await Promise.all(contexts.map((ctx, n) => add(ctx, n)));
    expect(statuses).toEqual(contexts.map(() => 'delivered'));
    expect(vendor.tokensGiven).toBe(2);
    expect(vendor.accepted).toEqual(contexts.map(() => 'Bearer token-2'));
  });
});
