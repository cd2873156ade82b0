/** What a message is made of and who carries it, beside the person. */
import { isJsonObject, type JsonObject } from '@throughline/domain/shared';
import type { Queryable } from '../shared/index.js';
import type { Guarded } from './guards.js';
import type { ConnectionFacts, DeliveryRequest } from './types.js';

export interface Material {
  readonly connection: ConnectionFacts | null;
  readonly template: JsonObject | null;
}

/** Content is read at the last moment: a typo that was mended or a credential that was changed needs no new version. */
export async function readMaterial(
  client: Queryable,
  request: DeliveryRequest,
  { connection, template }: Guarded,
): Promise<Material> {
  const { rows } = await client.query<MaterialRow>({
    name: 'read-material',
    text: `select c.body as connection, s.key_id, s.sealed,
                  (select t.body from definition t
                    where t.workspace_id = $1 and t.kind = 'template' and t.key = $3 and t.archived_at is null) as template
             from definition c
             left join connection_secret s on s.workspace_id = $1 and s.connection_key = c.key
            where c.workspace_id = $1 and c.kind = 'connection' and c.key = $2 and c.archived_at is null`,
    values: [request.workspaceId, connection, template],
  });
  const [row] = rows;
  return row === undefined
    ? { connection: null, template: null }
    : { connection: connectionOf(connection, row), template: row.template };
}

interface MaterialRow {
  readonly connection: JsonObject;
  readonly key_id: string | null;
  readonly sealed: Buffer | null;
  readonly template: JsonObject | null;
}

function connectionOf(
  key: string,
  { connection, key_id, sealed }: MaterialRow,
): ConnectionFacts | null {
  const { connector, settings } = connection;
  if (typeof connector !== 'string') return null;
  return {
    key,
    connector,
    settings: isJsonObject(settings) ? settings : {},
    sealed: key_id === null || sealed === null ? null : { keyId: key_id, sealed },
  };
}
