import { Body, Controller, Get, Headers, Put, Res } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { z } from 'zod';
import { CapRuleSchema, CapsDocumentSchema } from '@throughline/domain/destinations/schemas';
import { putCaps, readCaps, type Caps } from '@throughline/store/workspaces';
import { NeedsScope } from '../common/auth.guard.js';
import { FromKey, type Caller } from '../common/caller.js';
import { Database } from '../common/database.js';
import { parseDocument } from '../common/documents.js';
import { Answers, Revisions, Takes } from '../common/openapi.decorators.js';
import { isoOrNull, revisionOf } from '../common/params.js';

export const CapsView = z.object({
  rules: z.array(CapRuleSchema),
  revision: z.int().describe('raised by every put; also the ETag; 0 before the first'),
  updatedAt: z.iso.datetime().nullable(),
});

/** How many messages a person may get: one document for the workspace, read by every reservation. */
@ApiTags('workspaces')
@ApiBearerAuth()
@Controller('api/v1/workspaces/caps')
export class CapsController {
  constructor(private readonly database: Database) {}

  @Get()
  @NeedsScope('read')
  @ApiOperation({ summary: 'The frequency caps of this workspace' })
  @Answers('FrequencyCaps')
  async get(@FromKey() caller: Caller, @Res({ passthrough: true }) reply: FastifyReply) {
    return capsView(reply, await this.database.read(caller, readCaps));
  }

  @Put()
  @NeedsScope('write')
  @ApiOperation({ summary: 'Put the frequency caps whole; in force from the next message on' })
  @Revisions()
  @Takes('FrequencyCapsDocument')
  @Answers('FrequencyCaps')
  put(
    @FromKey() caller: Caller,
    @Body() body: unknown,
    @Headers('if-match') ifMatch: string | undefined,
    @Res({ passthrough: true }) reply: FastifyReply,
  ) {
    const { rules } = parseDocument(CapsDocumentSchema, body);
    const ifRevision = revisionOf(ifMatch);
    return this.database.change(caller, async ({ client, workspaceId, audit }) => {
      const caps = await putCaps(client, workspaceId, { rules, ifRevision });
      await audit('caps.put', 'workspace', { revision: caps.revision });
      return capsView(reply, caps);
    });
  }
}

function capsView(reply: FastifyReply, { rules, revision, updatedAt }: Caps) {
  void reply.header('etag', `"${revision}"`);
  return { rules, revision, updatedAt: isoOrNull(updatedAt) };
}
