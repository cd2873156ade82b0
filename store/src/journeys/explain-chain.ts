import type { TriggerContext } from '@throughline/domain/journeys';
import type { JsonObject } from '@throughline/domain/shared';
import type { Queryable } from '../shared/index.js';
import { timestampText } from './timestamp.js';

/** One enrolment with all that it did, as it was at an instant: from the trigger to the last message and the guard that stopped it. */
export interface EnrolmentChain {
  readonly enrolmentId: string;
  readonly version: number;
  readonly entryKey: string;
  readonly enteredAt: number;
  /** null: not by then */
  readonly endedAt: number | null;
  readonly outcome: string | null;
  readonly heldReason: string | null;
  readonly superseded: boolean;
  readonly exitAskedAt: number | null;
  readonly trigger: TriggerContext;
  readonly trail: readonly ChainEntry[];
  readonly deliveries: readonly ChainDelivery[];
}

export interface ChainEntry {
  readonly at: number;
  readonly kind: string;
  readonly step: string | null;
  readonly visit: number | null;
  readonly detail: JsonObject;
}

export interface ChainDelivery {
  readonly key: string;
  readonly step: string;
  readonly visit: number;
  readonly connection: string;
  readonly state: string;
  /** of a skip the guard, of a failure the code */
  readonly reason: string | null;
  /** what keeps it back right now */
  readonly blockedBy: string | null;
  readonly attempts: number;
  readonly reservedAt: number;
  readonly settledAt: number | null;
}

export interface ChainsWanted {
  readonly subjectId: string;
  readonly journey: string;
  readonly at: number;
  readonly limit: number;
}

const MOST_ENTRIES = 500;

interface EnrolmentRow extends Omit<EnrolmentChain, 'trail' | 'deliveries' | 'exitAskedAt'> {
  readonly exit: { readonly clock?: number } | null;
}

/** Newest first. */
export async function readEnrolmentChains(
  client: Queryable,
  workspaceId: string,
  { subjectId, journey, at, limit }: ChainsWanted,
): Promise<EnrolmentChain[]> {
  const { rows } = await client.query<EnrolmentRow>(
    `select enrolment_id as "enrolmentId", version, entry_key as "entryKey", entered_at as "enteredAt",
            case when ended_at <= $4 then ended_at end as "endedAt", case when ended_at <= $4 then outcome end as outcome,
            held_reason as "heldReason", superseded, trigger, exit_request as exit
       from enrolment where workspace_id = $1 and subject_id = $2 and journey_key = $3 and entered_at <= $4
      order by entered_position desc, entered_ordinal desc limit $5`,
    [workspaceId, subjectId, journey, timestampText(at), limit],
  );
  const chains: EnrolmentChain[] = [];
  for (const { exit, ...row } of rows) {
    const part = { enrolmentId: row.enrolmentId, at };
    chains.push({
      ...row,
      exitAskedAt: exit?.clock ?? null,
      trail: await readTrail(client, workspaceId, part),
      deliveries: await readDeliveries(client, workspaceId, part),
    });
  }
  return chains;
}

interface Part {
  readonly enrolmentId: string;
  readonly at: number;
}

async function readTrail(
  client: Queryable,
  workspaceId: string,
  { enrolmentId, at }: Part,
): Promise<ChainEntry[]> {
  const { rows } = await client.query<ChainEntry>(
    `select at, kind, step_id as step, visit, detail from trail
      where workspace_id = $1 and enrolment_id = $2 and at <= $3 order by seq, entry limit $4`,
    [workspaceId, enrolmentId, timestampText(at), MOST_ENTRIES],
  );
  return rows;
}

async function readDeliveries(
  client: Queryable,
  workspaceId: string,
  { enrolmentId, at }: Part,
): Promise<ChainDelivery[]> {
  const { rows } = await client.query<ChainDelivery>(
    `select delivery_key as key, step_id as step, visit, connection_key as connection, state, reason, blocked_by as "blockedBy",
            attempts, reserved_at as "reservedAt", settled_at as "settledAt"
       from delivery where workspace_id = $1 and enrolment_id = $2 and reserved_at <= $3
      order by reserved_at, delivery_key limit $4`,
    [workspaceId, enrolmentId, timestampText(at), MOST_ENTRIES],
  );
  return rows;
}
