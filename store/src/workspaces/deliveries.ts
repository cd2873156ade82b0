import type { Json } from '@throughline/domain/shared';
import type { DeliveryState } from '@throughline/domain/destinations';
import type { Queryable } from '../shared/index.js';

export interface Delivery {
  readonly deliveryKey: string;
  readonly enrolmentId: string;
  readonly journeyKey: string;
  readonly version: number;
  readonly stepId: string;
  readonly visit: number;
  readonly subjectId: string;
  readonly connectionKey: string;
  readonly connectorKey: string;
  readonly action: string;
  readonly channel: string | null;
  readonly purpose: string | null;
  readonly state: DeliveryState;
  readonly reason: string | null;
  readonly detail: string | null;
  readonly attempts: number;
  readonly blockedBy: string | null;
  readonly providerId: string | null;
  readonly response: Json;
  readonly expiresAt: number;
  readonly reservedAt: number;
  readonly sendingAt: number | null;
  readonly settledAt: number | null;
}

const COLUMNS = `delivery_key as "deliveryKey", enrolment_id as "enrolmentId", journey_key as "journeyKey", version,
  step_id as "stepId", visit, subject_id as "subjectId", connection_key as "connectionKey",
  connector_key as "connectorKey", action, channel, purpose, state, reason, detail, attempts, blocked_by as "blockedBy",
  provider_id as "providerId", response, expires_at as "expiresAt", reserved_at as "reservedAt",
  sending_at as "sendingAt", settled_at as "settledAt"`;

export interface DeliveryFilter {
  readonly state: DeliveryState | null;
  readonly reason: string | null;
  readonly journey: string | null;
  readonly enrolment: string | null;
  readonly customer: string | null;
  readonly after: string | null;
  readonly limit: number;
}

/** Newest enrolment first, then by step and visit: the key begins with the enrolment's time-ordered id. */
export async function listDeliveries(
  client: Queryable,
  workspaceId: string,
  filter: DeliveryFilter,
): Promise<Delivery[]> {
  const found = await client.query<Delivery>(
    `select ${COLUMNS} from delivery
      where workspace_id = $1 and ($2::text is null or state = $2) and ($3::text is null or reason = $3)
        and ($4::text is null or journey_key = $4) and ($5::uuid is null or enrolment_id = $5)
        and ($6::uuid is null or subject_id = $6) and ($7::text is null or delivery_key < $7)
      order by delivery_key desc limit $8`,
    [
      workspaceId,
      filter.state,
      filter.reason,
      filter.journey,
      filter.enrolment,
      filter.customer,
      filter.after,
      filter.limit,
    ],
  );
  return found.rows;
}

export async function readDelivery(
  client: Queryable,
  workspaceId: string,
  deliveryKey: string,
): Promise<Delivery | null> {
  const found = await client.query<Delivery>(
    `select ${COLUMNS} from delivery where workspace_id = $1 and delivery_key = $2`,
    [workspaceId, deliveryKey],
  );
  return found.rows[0] ?? null;
}
