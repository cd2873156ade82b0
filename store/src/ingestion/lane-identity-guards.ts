import type {
  IdentifierRef,
  IdentityAlert,
  IdentityDirectory,
  Sighting,
} from '@throughline/domain/identity';
import { assertNever } from '@throughline/domain/shared';
import type { Queryable } from '../shared/index.js';
import { instant } from './lane-work.js';

/** What keeps identifiers from linking: sightings that make a hub, and separations. And what a batch adds to it. */
export interface IdentityFindings {
  readonly sightings: readonly Sighting[];
  readonly alerts: readonly IdentityAlert[];
}

interface GuardRow {
  readonly type_a: string;
  readonly value_a: string;
  readonly customer_id: string | null;
  readonly type_b: string | null;
  readonly value_b: string | null;
}

const GUARDS = `
  with k as (select * from json_to_recordset($2::json) as k(type text, value text))
  select s.type as type_a, s.value as value_a, s.customer_id, null as type_b, null as value_b
    from k join identity_sighting s on s.workspace_id = $1 and s.type = k.type and s.value = k.value
  union all
  select p.type_a, p.value_a, null, p.type_b, p.value_b
    from k join identity_separation p on p.workspace_id = $1 and p.type_a = k.type and p.value_a = k.value`;

export async function knowGuards(
  client: Queryable,
  {
    workspaceId,
    directory,
    refs,
  }: {
    readonly workspaceId: string;
    readonly directory: IdentityDirectory;
    readonly refs: readonly IdentifierRef[];
  },
): Promise<void> {
  if (refs.length === 0) return;
  const { rows } = await client.query<GuardRow>({
    name: 'lane-identity-guards',
    text: GUARDS,
    values: [workspaceId, JSON.stringify(refs)],
  });
  for (const { type_a: type, value_a: value, customer_id: id, type_b, value_b } of rows) {
    if (id !== null) directory.knowSighting({ type, value }, id);
    if (type_b !== null && value_b !== null)
      directory.knowSeparation({ type, value }, { type: type_b, value: value_b });
  }
}

export async function writeFindings(
  client: Queryable,
  workspaceId: string,
  { sightings, alerts }: IdentityFindings,
): Promise<void> {
  if (sightings.length > 0) {
    await client.query(
      `insert into identity_sighting (workspace_id, type, value, customer_id, position)
       select $1, r.* from json_to_recordset($2::json) as r(type text, value text, customer_id uuid, position bigint)
       on conflict do nothing`,
      [
        workspaceId,
        JSON.stringify(
          sightings.map(({ type, value, customerId, at }) => ({
            type,
            value,
            customer_id: customerId,
            position: at.position,
          })),
        ),
      ],
    );
  }
  // One by one: a subject may come twice in a batch, and there are few.
  for (const alert of alerts) await writeAlert(client, workspaceId, alert);
}

async function writeAlert(
  client: Queryable,
  workspaceId: string,
  alert: IdentityAlert,
): Promise<void> {
  const { position, clock } = alert.at;
  await client.query(
    `insert into identity_alert as a (workspace_id, kind, subject, first_position, last_position, first_at, last_at)
     values ($1, $2, $3, $4, $4, $5, $5)
     on conflict (workspace_id, kind, subject) do update
        set last_position = excluded.last_position, last_at = excluded.last_at, count = a.count + 1`,
    [workspaceId, alert.kind, subjectOf(alert), position, instant(clock)],
  );
}

function subjectOf(alert: IdentityAlert): string {
  switch (alert.kind) {
    case 'hub':
      return `${alert.identifier.type}:${alert.identifier.value}`;
    case 'identifiers':
    case 'merges':
      return alert.customerId;
    default:
      return assertNever(alert);
  }
}
