import {
  appendCommand,
  appendDefinitions,
  LANE_CHANNEL,
  type LaneCommand,
} from '@throughline/store/ingestion';
import { inWorkspace, type openPool, type Queryable } from '@throughline/store/shared';
import { writeAudit } from '@throughline/store/workspaces';
import type { JsonObject } from '@throughline/domain/shared';
import type { Caller } from './caller.js';

export type Pool = ReturnType<typeof openPool>;

/** One change under way: its transaction, and what must be said about it before the commit. */
export interface Change {
  readonly client: Queryable;
  readonly workspaceId: string;
  readonly actor: string;
  readonly audit: (action: string, subject: string, detail?: JsonObject) => Promise<void>;
  /** the lane reloads definitions at the position where this change stands in the log */
  readonly lane: () => void;
}

/** The management pools and the two ways of using them: read one workspace, or change it and leave a trace. */
export class Database {
  constructor(
    readonly app: Pool,
    readonly door: Pool,
  ) {}

  read<T>(
    caller: Caller,
    work: (client: Queryable, workspaceId: string) => Promise<T>,
  ): Promise<T> {
    return inWorkspace(this.app, caller.workspaceId, (client) => work(client, caller.workspaceId));
  }

  async change<T>(caller: Caller, work: (change: Change) => Promise<T>): Promise<T> {
    const { workspaceId, actor } = caller;
    const lane = { reload: false };
    const result = await inWorkspace(this.app, workspaceId, async (client) => {
      const answer = await work({
        client,
        workspaceId,
        actor,
        audit: (action, subject, detail) =>
          writeAudit(client, workspaceId, { actor, action, subject, detail: detail ?? {} }),
        lane: () => {
          lane.reload = true;
        },
      });
      // The append lock is the last lock before commit; else an ingest flush would wait for whatever we wait for.
      if (lane.reload) await appendDefinitions(client, workspaceId);
      return answer;
    });
    if (lane.reload) await this.ringLane();
    return result;
  }

  /** A change that the lane carries out, in its place among the events; `work` says what it is. Answers where it stands in the log. */
  async command(
    caller: Caller,
    work: (change: Omit<Change, 'lane'>) => Promise<LaneCommand>,
  ): Promise<number> {
    const { workspaceId, actor } = caller;
    const position = await inWorkspace(this.app, workspaceId, async (client) => {
      const command = await work({
        client,
        workspaceId,
        actor,
        audit: (action, subject, detail) =>
          writeAudit(client, workspaceId, { actor, action, subject, detail: detail ?? {} }),
      });
      // Last, because it takes the append lock.
      return appendCommand(client, workspaceId, command);
    });
    await this.ringLane();
    return position;
  }

  /** There is something to apply; a hint only, the lane polls as well. */
  async ringLane(): Promise<void> {
    await this.app.query('select pg_notify($1, $2)', [LANE_CHANNEL, '']).catch(() => undefined);
  }

  async close(): Promise<void> {
    await Promise.all([this.app.end(), this.door.end()]);
  }
}
