/**
 * The routes that every kind of definition has. A controller extends one of these and adds what is its own: what a body must look
 * like when it is put, and what can be done with it. Summaries are those of the kind in general, since a method has one.
 */
import { Delete, Get, Headers, HttpCode, Param, Post, Query, Res } from '@nestjs/common';
import { ApiOperation } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import type { z } from 'zod';
import type { Fault, JsonObject } from '@throughline/domain/shared';
import type { Definition, DefinitionKind, Publication } from '@throughline/store/workspaces';
import { NeedsScope } from './auth.guard.js';
import { FromKey, type Caller } from './caller.js';
import type { Change } from './database.js';
import { definitionView, type DefinitionView } from './definition.view.js';
import { Definitions, etagOf } from './definitions.js';
import { namedBody, parseDocument } from './documents.js';
import { ListDefinitionsQuery } from './definitions.query.js';
import { Answers, AnswersPage, KeyInPath, Once, Revisions } from './openapi.decorators.js';
import { PageQuery } from './page.js';
import { KeyParam, revisionOf } from './params.js';

export interface DraftToPut {
  readonly key: string;
  readonly body: unknown;
  readonly ifMatch: string | undefined;
  readonly schema: z.ZodType;
}

/** List, get, archive. */
export abstract class DefinitionRoutes {
  protected abstract readonly kind: DefinitionKind;

  constructor(protected readonly definitions: Definitions) {}

  @Get()
  @NeedsScope('read')
  @ApiOperation({ summary: 'By key; archived ones on request' })
  @AnswersPage('Definition')
  list(@FromKey() caller: Caller, @Query() query: ListDefinitionsQuery) {
    const view = (row: Definition): DefinitionView => this.view(row);
    return this.definitions.page(caller, { kind: this.kind, query, view });
  }

  @Get(':key')
  @NeedsScope('read')
  @ApiOperation({ summary: 'The draft, with its revision' })
  @KeyInPath()
  @Answers('Definition')
  async get(
    @FromKey() caller: Caller,
    @Param('key', KeyParam) key: string,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<DefinitionView> {
    return this.shown(reply, await this.definitions.read(caller, { kind: this.kind, key }));
  }

  @Delete(':key')
  @NeedsScope('write')
  @ApiOperation({ summary: 'Archive; refused while it runs, or something live uses it' })
  @KeyInPath()
  @Answers('Definition')
  async archive(
    @FromKey() caller: Caller,
    @Param('key', KeyParam) key: string,
  ): Promise<DefinitionView> {
    return this.view(await this.definitions.archived(caller, { kind: this.kind, key }));
  }

  /** How a row looks from outside; a kind with secrets masks them here, for every route. */
  protected view(row: Definition): DefinitionView {
    return definitionView(row);
  }

  /** Puts a draft whole, once its body is what `schema` asks for. */
  protected async putDraft(
    caller: Caller,
    reply: FastifyReply,
    { key, body, ifMatch, schema }: DraftToPut,
  ): Promise<DefinitionView> {
    const named: JsonObject = namedBody(key, body);
    parseDocument(schema, named);
    const put = { kind: this.kind, key, body: named, ifRevision: revisionOf(ifMatch) };
    return this.stored(reply, await this.definitions.put(caller, put));
  }

  /** Answers a put: 201 for a new definition, 200 for another revision. */
  protected stored(
    reply: FastifyReply,
    { definition, created }: { readonly definition: Definition; readonly created: boolean },
  ): DefinitionView {
    void reply.code(created ? 201 : 200);
    return this.shown(reply, definition);
  }

  private shown(reply: FastifyReply, row: Definition): DefinitionView {
    void reply.header('etag', etagOf(row));
    return this.view(row);
  }
}

/** Those whose draft goes live when it is published, as a version that never changes. */
export abstract class PublishedDefinitionRoutes extends DefinitionRoutes {
  @Post(':key/publish')
  @HttpCode(200)
  @NeedsScope('write')
  @Once()
  @Revisions()
  @ApiOperation({
    summary: 'Make the draft the next immutable version, and live; people in flight keep theirs',
  })
  @KeyInPath()
  @Answers('Publication')
  publish(
    @FromKey() caller: Caller,
    @Param('key', KeyParam) key: string,
    @Headers('if-match') ifMatch: string | undefined,
  ): Promise<Publication> {
    const ref = { kind: this.kind, key, ifRevision: revisionOf(ifMatch) };
    return this.definitions.publish(caller, ref, (change, draft) => this.faultsOf(change, draft));
  }

  @Get(':key/versions')
  @NeedsScope('read')
  @ApiOperation({ summary: 'Published versions, newest first' })
  @KeyInPath()
  @AnswersPage('Version')
  versions(
    @FromKey() caller: Caller,
    @Param('key', KeyParam) key: string,
    @Query() query: PageQuery,
  ) {
    return this.definitions.versions(caller, { kind: this.kind, key }, query);
  }

  /** What keeps a draft from going live. */
  protected abstract faultsOf(change: Change, draft: Definition): Promise<readonly Fault[]>;
}
