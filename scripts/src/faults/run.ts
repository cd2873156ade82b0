/** One run: everything up, shoppers and kills over each other, then rest, then operations in Temporal, then the oracle. */
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Failure } from '../failure.js';
import type { Reporter } from '../progress.js';
import { ensureShop } from '../shop/open-shop.js';
import { startStack, type Stack } from '../stack/stack.js';
import { ShopClient } from './client.js';
import { Database } from './database.js';
import { disasters } from './disasters.js';
import {
  isAtRest,
  readDeliveries,
  readEngine,
  readEnrolments,
  readEvents,
  type EngineState,
} from './evidence.js';
import {
  countPeople,
  furnishFiles,
  judgeFiles,
  readImports,
  unfinished,
  uploadFiles,
  type UploadedFile,
} from './files.js';
import { Killer } from './killer.js';
import { operate, type Operated } from './operations.js';
import type { FaultsOptions } from './options.js';
import { makePlan, type Plan } from './plan.js';
import { startReceivers, type Receivers } from './receivers.js';
import { RecoveryClock, type LaneView } from './recovery.js';
import type { Outcome } from './report.js';
import { cartOf, playAll } from './shoppers.js';
import { judge } from './verdict.js';
import { preyOf } from './victims.js';
import { furnish, JOURNEYS } from './workspace.js';

export interface RunSurroundings {
  readonly dataDir: string;
  readonly report: Reporter;
  readonly say: (line: string) => void;
  readonly signal: AbortSignal;
}

/** An activity whose worker was killed is tried again after a minute; then its retries have to come round. */
const REST_MS = 240_000;
const LOOK_MS = 40;
const TELL_MS = 15_000;

export async function runFaults(
  options: FaultsOptions,
  surroundings: RunSurroundings,
): Promise<Outcome> {
  const plan = makePlan(options);
  const receivers = await startReceivers(mannersOf(plan));
  try {
    const { dataDir, report } = surroundings;
    const stack = await startStack({ dataDir, report, durable: true });
    const database = new Database(stack.databaseUrl);
    try {
      return await new Run({ plan, receivers, stack, database, ...surroundings }).play();
    } finally {
      await database.close();
      await stack.stop();
    }
  } finally {
    await receivers.stop();
  }
}

interface RunParts extends RunSurroundings {
  readonly plan: Plan;
  readonly receivers: Receivers;
  readonly stack: Stack;
  readonly database: Database;
}

class Run {
  private readonly clock = new RecoveryClock();
  private readonly over = new AbortController();

  constructor(private readonly parts: RunParts) {}

  async play(): Promise<Outcome> {
    const { stack, plan, receivers, dataDir, say, signal } = this.parts;
    const keys = await ensureShop(stack.databaseUrl, join(dataDir, 'shop.json'));
    const api = await furnish(stack.api.url, keys.apiKey, {
      smtpPort: receivers.smtpPort,
      hookUrl: receivers.hookUrl,
      webhookSecret: stack.secrets.webhookSecret,
    });
    await furnishFiles(api);
    const client = new ShopClient(stack.api.url, keys.writeKey);
    const openedAt = performance.now();
    const killer = new Killer({
      prey: preyOf(stack),
      openedAt,
      signal,
      onDown: (victim) => {
        this.clock.down(victim);
      },
      onBack: (victim, at) => {
        this.clock.back(victim, at);
      },
      say,
    });
    const watching = this.watch(client, openedAt);
    try {
      const giveUp = AbortSignal.any([signal, AbortSignal.timeout(plan.windowMs + REST_MS)]);
      const shopping = playAll(plan.shoppers, { client, openedAt, giveUp });
      const uploading = uploadFiles({ api, windowMs: plan.windowMs, giveUp });
      await killer.carryOut(plan.kills);
      await this.recovered();
      await shopping;
      const files = await uploading;
      if (signal.aborted) throw interrupted();
      say('the last kill is over; now everything has to come to rest');
      const [engine, operated] = await Promise.all([
        this.comeToRest(files),
        this.operate(client, giveUp),
      ]);
      const outcome = await this.conclude({ client, killer, engine, operated, files });
      // The oracle has spoken: what a restored database forgets may not be laid to the kills.
      const checks = await this.suffer(keys, giveUp);
      const { verdict } = outcome;
      return { ...outcome, verdict: { ...verdict, checks: [...verdict.checks, ...checks] } };
    } finally {
      this.over.abort();
      await watching;
      await killer.end();
      await client.close();
    }
  }

  private operate(client: ShopClient, giveUp: AbortSignal): Promise<Operated[]> {
    const { database, receivers, stack, say } = this.parts;
    return operate({ client, database, receivers, temporal: stack.temporal, giveUp, say });
  }

  private async suffer({ writeKey }: { readonly writeKey: string }, giveUp: AbortSignal) {
    const { database, receivers, stack, dataDir, say } = this.parts;
    // What is told here is told to servers that will forget it, and is no claim of the kills.
    const client = new ShopClient(stack.api.url, writeKey);
    try {
      return await disasters({ client, database, receivers, stack, dataDir, giveUp, say });
    } finally {
      await client.close();
    }
  }

  private async conclude(end: {
    readonly client: ShopClient;
    readonly killer: Killer;
    readonly engine: EngineState;
    readonly operated: readonly Operated[];
    readonly files: readonly UploadedFile[];
  }): Promise<Outcome> {
    const { database, receivers } = this.parts;
    const killer = await end.killer.end();
    const verdict = judge({
      client: end.client.log,
      mails: receivers.mails(),
      hooks: receivers.hooks(),
      kills: killer.kills,
      operated: end.operated,
      engine: end.engine,
      ...(await readEvents(database)),
      enrolments: await readEnrolments(database),
      deliveries: await readDeliveries(database),
    });
    const imports = await readImports(database);
    const checks = [
      ...verdict.checks,
      judgeFiles(end.files, imports, await countPeople(database, end.files)),
    ];
    const { samples, interrupted } = this.clock;
    return { killer, recoveries: samples, interrupted, verdict: { ...verdict, checks } };
  }

  /** The last return is measured too, while the last shoppers still give the lane something to do. */
  private async recovered(): Promise<void> {
    const deadline = performance.now() + 10_000;
    while (this.clock.isMeasuring && performance.now() < deadline) await delay(LOOK_MS);
    this.clock.stop();
  }

  private async watch(client: ShopClient, openedAt: number): Promise<void> {
    let toldAt = openedAt;
    while (!this.over.signal.aborted) {
      this.clock.see(await this.look());
      if (performance.now() - toldAt >= TELL_MS) {
        toldAt = performance.now();
        this.tell(client, openedAt);
      }
      await delay(LOOK_MS);
    }
  }

  private tell(client: ShopClient, openedAt: number): void {
    const { acknowledged, repeats } = client.log;
    const { receivers, say } = this.parts;
    const at = ((performance.now() - openedAt) / 1_000).toFixed(1).padStart(6);
    say(
      `${at} s  ${acknowledged.size} acknowledged (${repeats} repeated), ${receivers.mails().length} mails, ${receivers.hooks().length} webhooks`,
    );
  }

  private async look(): Promise<LaneView> {
    const [row] = await this.parts.database.rows<Omit<LaneView, 'at'>>(
      `select l.position, a.position as appended, (select min(outbox_id) from outbox) as "firstRow",
              (select max(outbox_id) from outbox) as "lastRow"
         from lane l join lane_append a using (workspace_id)`,
    );
    return {
      ...(row ?? { position: 0, appended: 0, firstRow: null, lastRow: null }),
      at: performance.now(),
    };
  }

  private async comeToRest(files: readonly UploadedFile[]): Promise<EngineState> {
    const { database, say, signal } = this.parts;
    const startedAt = performance.now();
    let toldAt = startedAt;
    for (;;) {
      const state = await readEngine(database, [JOURNEYS.care]);
      const open = unfinished(files, await readImports(database));
      const elapsed = performance.now() - startedAt;
      if (performance.now() - toldAt > TELL_MS) {
        toldAt = performance.now();
        const { behind, outbox, open: enrolments } = state;
        say(
          `not at rest: ${enrolments} enrolments and ${open.length} files open, ${outbox} rows in the outbox, lane ${behind} behind`,
        );
      }
      if (isAtRest(state) && open.length === 0) {
        say(`at rest after ${(elapsed / 1_000).toFixed(1)} s`);
        return state;
      }
      if (elapsed > REST_MS || signal.aborted) return state;
      await delay(250);
    }
  }
}

function interrupted(): Failure {
  return new Failure({
    code: 'command_failed',
    sentence: 'The run was interrupted; nothing is proved.',
    command: 'npm run test:faults',
  });
}

function mannersOf({ shoppers }: Plan) {
  const byShopper = new Map(shoppers.map((shopper) => [shopper.id, shopper]));
  const byCart = new Map(shoppers.map((shopper) => [cartOf(shopper.id), shopper]));
  return {
    mailMs: (shopper: string) => byShopper.get(shopper)?.mailMs ?? 0,
    hook: (cart: string) => {
      const shopper = byCart.get(cart);
      return { manner: shopper?.hookManner ?? ('takes' as const), ms: shopper?.hookMs ?? 0 };
    },
  };
}
