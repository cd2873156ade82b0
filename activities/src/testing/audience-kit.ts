/** A shop whose segment is mirrored to an ad platform on loopback: its people, its log, and the activity that tells the platform. */
import { ApplicationFailure } from '@temporalio/common';
import type { AudienceDefinition } from '@throughline/domain/destinations';
import { askAudienceRun, type AudienceRun } from '@throughline/store/destinations';
import { openEnginePool, type EnginePool } from '@throughline/store/journeys';
import { inWorkspace, openPool } from '@throughline/store/shared';
import {
  identify,
  openLaneKit,
  track,
  type LaneKit,
  type TestEvent,
} from '../../../store/src/ingestion/testing/lane-kit.js';
import { AdPlatform, adConnector, hashOf } from '../../../test/support/ad-platform.js';
import { syncAudiencePages } from '../audience-pages.js';
import type { ActivityDependencies } from '../dependencies.js';
import { OutsideKit } from './outside-kit.js';

const SEGMENT = {
  key: 'prospects',
  name: 'Prospects',
  condition: {
    all: [
      { trait: 'prospect', op: 'equals', value: true },
      { not: { event: 'Order Completed', count: { gte: 1 } } },
    ],
  },
};

export const AUDIENCE_ID = 'aud-1';
const IDLE = { beat: () => undefined, signal: new AbortController().signal };

export class AudienceKit {
  pool: EnginePool;

  private constructor(
    readonly lane: LaneKit,
    readonly outside: OutsideKit,
    readonly platform: AdPlatform,
    readonly relay: ReturnType<typeof openPool>,
    private readonly app: ReturnType<typeof openPool>,
    private readonly pageSize: number,
  ) {
    this.pool = openEnginePool({ url: lane.url, max: 4 });
  }

  static async open(pageSize = 3): Promise<AudienceKit> {
    const [lane, outside, platform] = await Promise.all([
      openLaneKit(),
      OutsideKit.open(),
      AdPlatform.open(),
    ]);
    const app = openPool({ url: lane.url, role: 'tl_app', max: 2 });
    const relay = openPool({ url: lane.url, role: 'tl_relay', max: 2 });
    const kit = new AudienceKit(lane, outside, platform, relay, app, pageSize);
    await lane.publish('segment', SEGMENT);
    await kit.define('connection', 'ads', {
      connector: 'test-ads',
      settings: { url: platform.url },
    });
    return kit;
  }

  async define(kind: string, key: string, body: object): Promise<void> {
    const values = [this.lane.workspaceId, kind, key, JSON.stringify(body)];
    await this.lane.rows(
      `insert into definition (workspace_id, kind, key, body, live_version, state) values ($1, $2, $3, $4, 1, 'live')
       on conflict (workspace_id, kind, key) do update set body = excluded.body, live_version = definition.live_version + 1`,
      values,
    );
    await this.lane.rows(
      `insert into definition_version (workspace_id, kind, key, version, body, published_by)
       select workspace_id, kind, key, live_version, body, 'test' from definition where workspace_id = $1 and kind = $2 and key = $3`,
      values.slice(0, 3),
    );
  }

  audience(key: string, more: Partial<AudienceDefinition> = {}): Promise<void> {
    return this.define('audience', key, {
      key,
      segment: SEGMENT.key,
      connection: 'ads',
      audienceId: AUDIENCE_ID,
      mode: 'mirror',
      purpose: 'advertising',
      fields: { email: { identifier: 'email' }, firstName: { trait: 'first_name' } },
      ...more,
    });
  }

  async send(...events: readonly TestEvent[]): Promise<void> {
    for (const event of events) await this.lane.send(event);
    await this.lane.drain();
  }

  async customerOf(userId: string): Promise<string> {
    const [row] = await this.lane.rows<{ id: string }>(
      `select customer_id as id from identifier where type = 'user_id' and value = $1`,
      [userId],
    );
    if (row === undefined) throw new TypeError(`nobody is called ${userId}`);
    return row.id;
  }

  dependencies(): ActivityDependencies {
    const connector = adConnector(this.pageSize);
    return {
      ...this.outside.dependencies(this.pool),
      findConnector: (key) => (key === connector.key ? connector : undefined),
    };
  }

  ask(audienceKey: string, more: { kind?: 'full'; dryRun?: boolean } = {}): Promise<AudienceRun> {
    const { workspaceId } = this.lane;
    return inWorkspace(this.app, workspaceId, async (client) => {
      const run = await askAudienceRun(client, workspaceId, {
        kind: 'delta',
        dryRun: false,
        ...more,
        audienceKey,
        requestedBy: 'test',
      });
      if (run === null) throw new TypeError('a run is under way');
      return run;
    });
  }

  asOperator<T>(work: Parameters<typeof inWorkspace<T>>[2]): Promise<T> {
    return inWorkspace(this.app, this.lane.workspaceId, work);
  }

  /** One attempt; throws what Temporal would see. */
  attempt(runId: string): ReturnType<typeof syncAudiencePages> {
    const { workspaceId } = this.lane;
    return syncAudiencePages(this.dependencies(), { workspaceId, runId }, IDLE);
  }

  /** As the workflow does, without waiting: asks until it is over. Answers what the attempts that failed said. */
  async sync(audienceKey: string, more: Parameters<AudienceKit['ask']>[1] = {}): Promise<string[]> {
    const { runId } = await this.ask(audienceKey, more);
    return this.goOn(runId);
  }

  async goOn(runId: string): Promise<string[]> {
    const said: string[] = [];
    for (let attempts = 0; attempts < 200; attempts += 1) {
      try {
        if ((await this.attempt(runId)).state === 'over') return said;
      } catch (error) {
        if (!(error instanceof ApplicationFailure)) throw error;
        said.push(error.message);
      }
    }
    throw new TypeError(`the run does not end: ${said.slice(-3).join(', ')}`);
  }

  /** As when the worker dies: nothing of it reaches the database any more. The next attempt has a new pool. */
  async kill(): Promise<void> {
    const dying = this.pool;
    this.pool = openEnginePool({ url: this.lane.url, max: 4 });
    await dying.end();
  }

  async runs(audienceKey: string): Promise<
    {
      state: string;
      kind: string;
      counts: Record<string, number>;
      failures: unknown;
      error: string | null;
    }[]
  > {
    return this.lane.rows(
      'select state, kind, counts, failures, error from audience_run where audience_key = $1 order by run_id',
      [audienceKey],
    );
  }

  /** Whom the audience should hold by what the database says now. */
  async expected(): Promise<string[]> {
    const rows = await this.lane.rows<{ email: string }>(
      `select distinct on (m.customer_id) i.value as email from segment_membership m
         join consent c on c.customer_id = m.customer_id and c.purpose = 'advertising' and c.channel = 'ads' and c.state = 'granted'
         join identifier i on i.customer_id = m.customer_id and i.type = 'email'
        where m.segment_key = $1 order by m.customer_id, i.first_seen_at desc, i.value`,
      [SEGMENT.key],
    );
    return rows.map(({ email }) => hashOf(email)).sort();
  }

  async close(): Promise<void> {
    await Promise.all([this.pool.end(), this.app.end(), this.relay.end()]);
    await this.platform.close();
    await this.outside.close();
    await this.lane.close();
  }
}

/** Somebody who is a prospect and has agreed. */
export function prospect(userId: string, traits: TestEvent = {}): readonly TestEvent[] {
  return [
    identify({ userId }, { email: `${userId}@example.com`, prospect: true, ...traits }),
    said(userId, 'granted'),
  ];
}

export function said(userId: string, state: 'granted' | 'revoked'): TestEvent {
  const properties = { purpose: 'advertising', channel: 'ads', state };
  return track('Consent Changed', { userId }, { properties });
}

export function bought(userId: string): TestEvent {
  return track('Order Completed', { userId });
}
