import { createHash } from 'node:crypto';
import type pg from 'pg';
import { ThroughlineError } from '@throughline/domain/shared';
import { classifyStoreError, openPool } from '../shared/index.js';
import { DRAW, LANE_CHANNEL } from './append.js';

/** One request as received; it becomes one log row. */
export interface AppendRequest {
  readonly workspaceId: string;
  readonly sourceKey: string;
  readonly endpoint: string;
  readonly body: string;
  readonly events: number;
  /** revocations that the body carries: reservations see them before the lane has applied the row */
  readonly revocations?: readonly Revocation[];
}

export interface Revocation {
  readonly type: string;
  readonly value: string;
  readonly purpose: string;
  readonly channel: string;
}

export interface Appended {
  readonly position: number;
}

export interface Appender {
  append(request: AppendRequest): Promise<Appended>;
  /** requests waiting for their commit */
  readonly depth: number;
  close(): Promise<void>;
}

export interface AppenderOptions {
  readonly url: string;
  readonly connections?: number;
  /** bytes of bodies that may wait; beyond it the door answers 503 */
  readonly maxQueuedBytes?: number;
}

interface Waiting {
  readonly request: AppendRequest;
  readonly resolve: (appended: Appended) => void;
  readonly reject: (error: unknown) => void;
}

interface LaneQueue {
  waiting: Waiting[];
  flushing: boolean;
}

const MAX_FLUSH_REQUESTS = 500;
const MAX_FLUSH_BYTES = 4 * 1024 * 1024;

/** What revocation_pending and suppression know of a person: never the value itself. */
export function hashRef(type: string, value: string): Buffer {
  return createHash('sha256').update(`${type}:${value}`).digest();
}

export function createAppender(options: AppenderOptions): Appender {
  return new GroupCommit(options);
}

/**
 * While one flush of a lane is on its way, later requests gather, and the next flush carries them all. One statement draws
 * the positions, writes the rows and commits; a request is answered only afterwards.
 */
class GroupCommit implements Appender {
  private readonly pool: pg.Pool;
  private readonly lanes = new Map<string, LaneQueue>();
  private readonly maxQueuedBytes: number;
  private queuedBytes = 0;
  private hinting = false;
  depth = 0;

  constructor(options: AppenderOptions) {
    const { url, connections = 4, maxQueuedBytes = 64 * 1024 * 1024 } = options;
    this.pool = openPool({
      url,
      role: 'tl_ingest',
      max: connections,
      transactionTimeoutMs: 10_000,
    });
    this.maxQueuedBytes = maxQueuedBytes;
  }

  append(request: AppendRequest): Promise<Appended> {
    if (this.queuedBytes + request.body.length > this.maxQueuedBytes) {
      return Promise.reject(
        new ThroughlineError('overloaded', undefined, [], { retryAfterSeconds: 1 }),
      );
    }
    return new Promise((resolve, reject) => {
      const lane = this.lanes.get(request.workspaceId) ?? { waiting: [], flushing: false };
      this.lanes.set(request.workspaceId, lane);
      lane.waiting.push({ request, resolve, reject });
      this.depth += 1;
      this.queuedBytes += request.body.length;
      if (lane.flushing) return;
      lane.flushing = true;
      // One turn of the event loop lets the requests of this tick share the first flush.
      setImmediate(() => void this.drain(request.workspaceId, lane));
    });
  }

  close(): Promise<void> {
    return this.pool.end();
  }

  private async drain(workspaceId: string, lane: LaneQueue): Promise<void> {
    while (lane.waiting.length > 0) await this.flushNext(workspaceId, takeBatch(lane));
    lane.flushing = false;
    this.lanes.delete(workspaceId);
  }

  private async flushNext(workspaceId: string, batch: readonly Waiting[]): Promise<void> {
    const requests = batch.map((item) => item.request);
    try {
      const base = await flush(this.pool, workspaceId, requests);
      this.settle(requests);
      batch.forEach((item, index) => {
        item.resolve({ position: base + index + 1 });
      });
      this.hint();
    } catch (error) {
      this.settle(requests);
      const refusal = asRefusal(error);
      for (const item of batch) item.reject(refusal);
    }
  }

  private settle(done: readonly AppendRequest[]): void {
    this.depth -= done.length;
    for (const request of done) this.queuedBytes -= request.body.length;
  }

  /** Outside the data transaction, because a commit that notifies takes a server-wide lock; coalesced, because one is enough. */
  private hint(): void {
    if (this.hinting) return;
    this.hinting = true;
    this.pool
      .query('select pg_notify($1, $2)', [LANE_CHANNEL, ''])
      .catch(() => undefined)
      .finally(() => {
        this.hinting = false;
      });
  }
}

function takeBatch(lane: LaneQueue): Waiting[] {
  let bytes = 0;
  let count = 0;
  for (const item of lane.waiting) {
    bytes += item.request.body.length;
    if (count > 0 && (count >= MAX_FLUSH_REQUESTS || bytes > MAX_FLUSH_BYTES)) break;
    count += 1;
  }
  const batch = lane.waiting.slice(0, count);
  lane.waiting = lane.waiting.slice(count);
  return batch;
}

const FLUSH = `
  with drawn as (${DRAW}), written as (
    insert into event_log (workspace_id, position, clock, kind, endpoint, source_key, events, body)
    select $1, drawn.base + r.ord, drawn.clock, 'http', r.endpoint, r.source_key, r.events, r.body
      from drawn, rows from (json_to_recordset($3::json) as (endpoint text, source_key text, events int), string_to_table($5, $6))
           with ordinality as r(endpoint, source_key, events, body, ord)
  ), revoked as (
    insert into revocation_pending (workspace_id, position, identifier_hash, purpose, channel)
    select $1, drawn.base + r.ord, decode(r.hash, 'hex'), r.purpose, r.channel
      from drawn, json_to_recordset($4::json) as r(ord int, hash text, purpose text, channel text)
    on conflict do nothing
  )
  select base from drawn`;

async function flush(
  pool: pg.Pool,
  workspaceId: string,
  requests: readonly AppendRequest[],
): Promise<number> {
  const rows = requests.map(({ endpoint, sourceKey, events }) => ({
    endpoint,
    source_key: sourceKey,
    events,
  }));
  const bodies = requests.map(({ body }) => body);
  const separator = separatorOf(bodies);
  const revoked = requests.flatMap(({ revocations }, index) =>
    (revocations ?? []).map(({ type, value, purpose, channel }) => ({
      ord: index + 1,
      hash: hashRef(type, value).toString('hex'),
      purpose,
      channel,
    })),
  );
  const answer = await pool.query<{ base: number }>({
    name: 'flush',
    text: FLUSH,
    values: [
      workspaceId,
      requests.length,
      JSON.stringify(rows),
      JSON.stringify(revoked),
      bodies.join(separator),
      separator,
    ],
  });
  const base = answer.rows[0]?.base;
  if (base === undefined)
    throw new ThroughlineError('unauthenticated', 'The workspace of this key is gone.');
  return base;
}

/**
 * Bodies travel as one text, cut again by the server: JSON inside JSON costs both sides an escape per quotation mark. A bare
 * record separator is no JSON, so the door refuses bodies that hold one; should one come, a longer separator is found.
 */
function separatorOf(bodies: readonly string[]): string {
  let separator = '\u001e';
  while (bodies.some((body) => body.includes(separator))) separator += '\u001e\u001f';
  return separator;
}

/** The caller's commit may or may not have happened when the server went away: it retries, and the message id makes that harmless. */
function asRefusal(error: unknown): unknown {
  if (error instanceof ThroughlineError) return error;
  if (classifyStoreError(error) !== 'outage') return error;
  return new ThroughlineError('unavailable', undefined, [], { cause: error, retryAfterSeconds: 1 });
}
