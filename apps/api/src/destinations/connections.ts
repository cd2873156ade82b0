import { Injectable } from '@nestjs/common';
import { createEgress } from '@throughline/connectors/kit';
import { findConnector, REDACTED, secretFields } from '@throughline/connectors/registry';
import { ThroughlineError, type JsonObject } from '@throughline/domain/shared';
import { newId } from '@throughline/store/shared';
import {
  deleteConnectionSecret,
  publishDefinition,
  putConnectionHealth,
  putConnectionSecret,
  readConnectionSecret,
  readDefinition,
  secretOwner,
  type Definition,
  type SecretBox,
} from '@throughline/store/workspaces';
import type { Queryable } from '@throughline/store/shared';
import type { Caller } from '../common/caller.js';
import { Database } from '../common/database.js';
import { Definitions } from '../common/definitions.js';
import { asJson } from '../common/documents.js';
import { found } from '../common/params.js';
import { Log } from '../common/log.js';
import {
  StoredConnectionSchema,
  type ConnectionDefinition,
  type StoredConnection,
} from './definitions.schema.js';

export interface ConnectionsOptions {
  readonly secrets: SecretBox;
  /** hosts of our own network that a check may call; `*` opens all of it */
  readonly privateHosts: readonly string[];
}

export type CheckAnswer = { readonly ok: true } | { readonly ok: false; readonly code: string };
type Settings = Readonly<Record<string, unknown>>;

/** Connections are live as soon as they are put; their secrets go in and never come out again. */
@Injectable()
export class Connections {
  constructor(
    private readonly definitions: Definitions,
    private readonly database: Database,
    private readonly log: Log,
    private readonly options: ConnectionsOptions,
  ) {}

  async put(
    caller: Caller,
    {
      key,
      connection,
      ifRevision,
    }: { key: string; connection: ConnectionDefinition; ifRevision: number | null },
  ) {
    const secretNames = secretNamesOf(connection.connector);
    const known = await this.database.read(caller, (client, id) => this.secretsOf(client, id, key));
    const settings = withKeptSecrets(connection.settings, known, secretNames);
    checkSettings(connection.connector, settings);
    const secrets = pick(settings, (name) => secretNames.has(name));
    const body = asJson({
      ...connection,
      settings: pick(settings, (name) => !secretNames.has(name)),
      secrets: Object.keys(secrets),
    });
    return this.definitions.put(
      caller,
      { kind: 'connection', key, body, ifRevision },
      async (change) => {
        const { client, workspaceId, actor } = change;
        if (Object.keys(secrets).length === 0)
          await deleteConnectionSecret(client, workspaceId, key);
        else {
          const sealed = this.options.secrets.seal(asJson(secrets), secretOwner(workspaceId, key));
          await putConnectionSecret(client, workspaceId, { connectionKey: key, sealed });
        }
        await putConnectionHealth(client, workspaceId, {
          connectionKey: key,
          state: 'ok',
          code: null,
        });
        await publishDefinition(client, workspaceId, {
          kind: 'connection',
          key,
          by: actor,
          ifRevision: null,
        });
      },
    );
  }

  /** Does it work, asked of the service itself; changes nothing there, and notes the answer as the connection's health. */
  async check(caller: Caller, key: string): Promise<CheckAnswer> {
    const { stored, settings } = await this.database.read(caller, async (client, id) => {
      const row = found(await readDefinition(client, id, { kind: 'connection', key }));
      const stored = StoredConnectionSchema.parse(row.body);
      return {
        stored,
        settings: { ...stored.settings, ...(await this.secretsOf(client, id, key)) },
      };
    });
    const opened = found(findConnector(stored.connector)).open(settings);
    if (!opened.ok) return { ok: false, code: 'settings_invalid' };
    const answer = await this.ask(opened.connection);
    await this.database.read(caller, (client, id) =>
      putConnectionHealth(client, id, {
        connectionKey: key,
        state: answer.ok ? 'ok' : 'needs_attention',
        code: answer.ok ? null : answer.code,
      }),
    );
    return answer;
  }

  private async ask(connection: OpenConnection): Promise<CheckAnswer> {
    const { privateHosts } = this.options;
    const egress = createEgress({
      allowPrivateAddresses: privateHosts.includes('*'),
      privateHosts,
    });
    const signal = AbortSignal.timeout(15_000);
    try {
      const result = await connection.check({
        egress,
        now: Date.now,
        newId,
        log: this.log,
        signal,
      });
      return result.ok ? { ok: true } : { ok: false, code: result.fault.code };
    } finally {
      await egress.close();
    }
  }

  private async secretsOf(
    client: Queryable,
    workspaceId: string,
    key: string,
  ): Promise<JsonObject> {
    const sealed = await readConnectionSecret(client, workspaceId, key);
    return sealed === null ? {} : this.options.secrets.open(sealed, secretOwner(workspaceId, key));
  }
}

type OpenConnection = Extract<
  ReturnType<NonNullable<ReturnType<typeof findConnector>>['open']>,
  { ok: true }
>['connection'];

/** The stored connection as it may be shown: of secrets, which are set. */
export function shownConnection(row: Definition): StoredConnection {
  const stored = StoredConnectionSchema.parse(row.body);
  const masked = Object.fromEntries(stored.secrets.map((name) => [name, REDACTED]));
  return { ...stored, settings: { ...stored.settings, ...masked } };
}

function secretNamesOf(connectorKey: string): ReadonlySet<string> {
  const connector = findConnector(connectorKey);
  if (connector === undefined) {
    const fault = {
      path: 'connector',
      code: 'unknown_connector',
      message: `there is no destination type ${connectorKey}`,
    };
    throw new ThroughlineError('invalid_definition', undefined, [fault]);
  }
  return new Set(secretFields(connector));
}

/** A mask that comes back from a form is not a new secret. */
function withKeptSecrets(
  settings: Settings,
  known: JsonObject,
  secretNames: ReadonlySet<string>,
): Settings {
  return Object.fromEntries(
    Object.entries(settings).flatMap(([name, value]) => {
      if (!secretNames.has(name) || value !== REDACTED) return [[name, value]];
      const kept = known[name];
      return kept === undefined ? [] : [[name, kept]];
    }),
  );
}

function checkSettings(connectorKey: string, settings: Settings): void {
  const opened = findConnector(connectorKey)?.open(settings);
  if (opened === undefined || opened.ok) return;
  const faults = opened.issues.map(({ path, message }) => ({
    path: `settings.${path}`,
    code: 'invalid_setting',
    message,
  }));
  throw new ThroughlineError('invalid_definition', undefined, faults);
}

function pick(settings: Settings, wanted: (name: string) => boolean): Settings {
  return Object.fromEntries(Object.entries(settings).filter(([name]) => wanted(name)));
}
