import { Injectable } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { ThroughlineError, type Fault, type JsonObject } from '@throughline/domain/shared';
import {
  archiveDefinition,
  listDefinitions,
  listVersions,
  lockDefinition,
  lockLiveDefinitions,
  publishDefinition,
  putDefinition,
  readDefinition,
  readVersion,
  type Definition,
  type DefinitionKind,
  type DefinitionRef,
  type DefinitionVersion,
  type Publication,
} from '@throughline/store/workspaces';
import type { Caller } from './caller.js';
import { Database, type Change } from './database.js';
import { definitionView, versionView, type DefinitionView } from './definition.view.js';
import { numbersCursor, pageOf, textCursor, type Page, type PageQuery } from './page.js';
import { found } from './params.js';
import { dependentsOf } from './references.js';

export interface Put extends DefinitionRef {
  readonly body: JsonObject;
  readonly ifRevision: number | null;
}

type DefinitionsQuery = PageQuery & { readonly archived?: boolean };

interface DefinitionsPage<T> {
  readonly kind: DefinitionKind;
  readonly query: DefinitionsQuery;
  readonly view: (row: Definition) => T;
}

/** What segments, journeys, templates and connections have in common; what a body means is the caller's to know. */
@Injectable()
export class Definitions {
  constructor(private readonly database: Database) {}

  list(
    caller: Caller,
    kind: DefinitionKind,
    query: DefinitionsQuery,
  ): Promise<Page<DefinitionView>> {
    return this.page(caller, { kind, query, view: definitionView });
  }

  async page<T>(caller: Caller, { kind, query, view }: DefinitionsPage<T>): Promise<Page<T>> {
    const page = {
      kind,
      archived: query.archived ?? false,
      after: textCursor(query.after),
      limit: query.limit + 1,
    };
    const rows = await this.database.read(caller, (client, id) =>
      listDefinitions(client, id, page),
    );
    return pageOf(rows, query.limit, { view, cursor: (row) => [row.key] });
  }

  async read(caller: Caller, ref: DefinitionRef): Promise<Definition> {
    return found(await this.database.read(caller, (client, id) => readDefinition(client, id, ref)));
  }

  /** `also` runs in the same transaction, after the draft is stored. */
  put(
    caller: Caller,
    put: Put,
    also?: (change: Change, definition: Definition) => Promise<void>,
  ): Promise<{ readonly definition: Definition; readonly created: boolean }> {
    return this.database.change(caller, async (change) => {
      const stored = await putDefinition(change.client, change.workspaceId, put);
      await change.audit(`${put.kind}.put`, put.key, { revision: stored.definition.revision });
      if (also === undefined) return stored;
      await also(change, stored.definition);
      // What also happens may have made it live: the answer says what is, not what was half way.
      const { client, workspaceId } = change;
      return { ...stored, definition: found(await readDefinition(client, workspaceId, put)) };
    });
  }

  /**
   * Publishes the draft if `check` finds no fault in it. Check, version, state, audit and the log's definitions input are
   * one transaction: what was checked is what went live.
   */
  publish(
    caller: Caller,
    ref: DefinitionRef & { readonly ifRevision: number | null },
    check: (change: Change, draft: Definition) => Promise<readonly Fault[]>,
  ): Promise<Publication> {
    return this.database.change(caller, async (change) => {
      const { client, workspaceId, actor } = change;
      await lockLiveDefinitions(client, workspaceId);
      const draft = found(await lockDefinition(client, workspaceId, ref));
      const faults = await check(change, draft);
      if (faults.length > 0) throw new ThroughlineError('invalid_definition', undefined, faults);
      const publication = await publishDefinition(client, workspaceId, { ...ref, by: actor });
      if (publication.changed) {
        await change.audit(`${ref.kind}.publish`, ref.key, { version: publication.version });
        change.lane();
      }
      return publication;
    });
  }

  async archive(caller: Caller, ref: DefinitionRef): Promise<DefinitionView> {
    return definitionView(await this.archived(caller, ref));
  }

  /** Refused while something live uses it: the answer lists what. */
  archived(caller: Caller, ref: DefinitionRef): Promise<Definition> {
    return this.database.change(caller, async (change) => {
      const { client, workspaceId } = change;
      await lockLiveDefinitions(client, workspaceId);
      const current = found(await lockDefinition(client, workspaceId, ref));
      if (ref.kind === 'journey' && (current.state === 'live' || current.state === 'paused')) {
        throw new ThroughlineError('conflict', 'The journey is running: stop it first.');
      }
      const dependents = await dependentsOf(client, workspaceId, ref);
      if (dependents.length > 0) {
        throw new ThroughlineError(
          'conflict',
          'Others use this; change or archive them first.',
          dependents,
        );
      }
      const archived = found(await archiveDefinition(client, workspaceId, ref));
      await change.audit(`${ref.kind}.archive`, ref.key);
      if (current.liveVersion !== null) change.lane();
      return archived;
    });
  }

  async versions(caller: Caller, ref: DefinitionRef, { after, limit }: PageQuery) {
    await this.read(caller, ref);
    const page = { ...ref, after: numbersCursor(after)?.[0] ?? null, limit: limit + 1 };
    const rows = await this.database.read(caller, (client, id) => listVersions(client, id, page));
    return pageOf(rows, limit, { view: versionView, cursor: (row) => [row.version] });
  }

  async version(caller: Caller, ref: DefinitionRef, version: number): Promise<DefinitionVersion> {
    const wanted = { ...ref, version };
    return found(await this.database.read(caller, (client, id) => readVersion(client, id, wanted)));
  }
}

/** Answers a put: 201 for a new definition, 200 for another revision, the ETag for the next put either way. */
export function answerPut(
  reply: FastifyReply,
  { definition, created }: { readonly definition: Definition; readonly created: boolean },
): DefinitionView {
  void reply.code(created ? 201 : 200);
  return withEtag(reply, definition);
}

export function withEtag(reply: FastifyReply, definition: Definition): DefinitionView {
  void reply.header('etag', etagOf(definition));
  return definitionView(definition);
}

/** The revision, as If-Match of the next put says it. */
export function etagOf({ revision }: Definition): string {
  return `"${revision}"`;
}
