import { Injectable } from '@nestjs/common';
import { parseTime, ThroughlineError, type JsonObject } from '@throughline/domain/shared';
import type { Condition } from '@throughline/domain/segments';
import { SegmentDefinitionSchema } from '@throughline/domain/segments/schemas';
import type { Queryable } from '@throughline/store/shared';
import {
  asReader,
  compareMembers,
  previewMembers,
  readFreshness,
  readOverlap,
  readSizeHistory,
  whoAmI,
  type Freshness,
  type HistoryBucket,
} from '@throughline/store/segments';
import type { Definition } from '@throughline/store/workspaces';
import type { Caller } from '../common/caller.js';
import { Database } from '../common/database.js';
import { Definitions } from '../common/definitions.js';
import { parseDocument } from '../common/documents.js';
import { found, iso } from '../common/params.js';
import { pointView, whoAmIView } from './views.js';

const SAMPLES = 20;
const DEFAULT_BUCKETS = 30;
const MOST_BUCKETS = 1_000;
const WIDTHS: Readonly<Record<HistoryBucket, number>> = {
  hour: 3_600_000,
  day: 86_400_000,
  week: 604_800_000,
};

export interface PreviewAsked {
  readonly condition: Condition;
  readonly purpose: string;
  readonly channel: 'email';
  /** the live segment to compare with */
  readonly segment: string | null;
}

export interface HistoryAsked {
  readonly segment: string;
  readonly from: string | undefined;
  readonly to: string | undefined;
  readonly bucket: HistoryBucket;
}

/** What people ask about segments beside their members; each answer is one snapshot, read by the role that may only read. */
@Injectable()
export class SegmentReadings {
  constructor(
    private readonly database: Database,
    private readonly definitions: Definitions,
  ) {}

  /** The condition of the draft. */
  async draft(caller: Caller, key: string): Promise<{ condition: Condition; live: boolean }> {
    const draft = await this.definitions.read(caller, { kind: 'segment', key });
    return { condition: conditionOf(draft.body), live: draft.liveVersion !== null };
  }

  /** The condition that holds: of the live version, and of the draft while there is none. */
  async present(caller: Caller, key: string): Promise<Condition> {
    const ref = { kind: 'segment', key } as const;
    const draft: Definition = await this.definitions.read(caller, ref);
    if (draft.liveVersion === null) return conditionOf(draft.body);
    return conditionOf((await this.definitions.version(caller, ref, draft.liveVersion)).body);
  }

  preview(caller: Caller, { condition, purpose, channel, segment }: PreviewAsked) {
    return this.read(caller, async ({ client, workspaceId, now }) => {
      const at = { workspaceId, now };
      const wanted = { ...at, purpose, channel, samples: SAMPLES };
      const { count, sample, reach } = await previewMembers(client, condition, wanted);
      const drift =
        segment === null ? null : await compareMembers(client, condition, { ...at, segment });
      const changes = drift === null ? null : { entering: drift.entering, leaving: drift.leaving };
      return { count, sample, reach: { purpose, channel, ...reach }, changes };
    });
  }

  whoAmI(caller: Caller, asked: { readonly condition: Condition; readonly customer: string }) {
    return this.read(caller, async ({ client, workspaceId, now }) => {
      const person = { workspaceId, customerId: asked.customer, now };
      return whoAmIView(found(await whoAmI(client, asked.condition, person)));
    });
  }

  async history(caller: Caller, asked: HistoryAsked) {
    const { segment, bucket } = asked;
    await this.definitions.read(caller, { kind: 'segment', key: segment });
    const answer = await this.read(caller, async ({ client, workspaceId, now }) => {
      const range = rangeOf(asked, now);
      const points = await readSizeHistory(client, workspaceId, { segment, bucket, ...range });
      return { bucket, points: points.map(pointView) };
    });
    return { asOf: answer.asOf, bucket, points: answer.points };
  }

  async overlap(caller: Caller, segments: readonly string[]) {
    for (const key of segments) await this.definitions.read(caller, { kind: 'segment', key });
    return this.read(caller, ({ client, workspaceId }) =>
      readOverlap(client, workspaceId, segments),
    );
  }

  private read<T extends object>(
    caller: Caller,
    work: (reading: Reading) => Promise<T>,
  ): Promise<T & { asOf: string; behind: number }> {
    return this.database.read(caller, async (client, workspaceId) => {
      await asReader(client);
      const fresh: Freshness = await readFreshness(client, workspaceId);
      const answer = await work({ client, workspaceId, now: fresh.now });
      return { asOf: iso(fresh.now), behind: fresh.behind, ...answer };
    });
  }
}

interface Reading {
  readonly client: Queryable;
  readonly workspaceId: string;
  readonly now: number;
}

function conditionOf(body: JsonObject): Condition {
  return parseDocument(SegmentDefinitionSchema, body).condition;
}

function rangeOf(asked: HistoryAsked, now: number): { from: string; to: string } {
  const width = WIDTHS[asked.bucket];
  const to = asked.to === undefined ? now : instant(asked.to);
  const from = asked.from === undefined ? to - (DEFAULT_BUCKETS - 1) * width : instant(asked.from);
  if (from > to) throw new ThroughlineError('invalid_request', 'The range ends before it begins.');
  if ((to - from) / width > MOST_BUCKETS) {
    throw new ThroughlineError(
      'invalid_request',
      `The range has more than ${MOST_BUCKETS} buckets: ask for wider ones.`,
    );
  }
  return { from: iso(from), to: iso(to) };
}

/** A time without an offset is UTC, as everywhere. */
export function instant(text: string): number {
  const ms = parseTime(text);
  if (ms === undefined) {
    throw new ThroughlineError('invalid_request', 'A time is such as 2026-01-31T12:00:00Z.');
  }
  return ms;
}
