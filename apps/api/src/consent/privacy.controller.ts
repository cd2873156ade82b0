import { Body, Controller, Get, HttpCode, Param, Post, Put, Res } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { z } from 'zod';
import { appendConsents, type PreferenceSigner } from '@throughline/store/consent';
import { readCustomer } from '@throughline/store/profiles';
import { NeedsScope } from '../common/auth.guard.js';
import { FromKey, type Caller } from '../common/caller.js';
import { Database } from '../common/database.js';
import { parseDocument } from '../common/documents.js';
import { Answers, IdInPath, Takes } from '../common/openapi.decorators.js';
import { found, IdParam, iso } from '../common/params.js';
import { exportStream } from './export-stream.js';

const Label = z
  .string()
  .trim()
  .toLowerCase()
  .min(1)
  .max(64)
  .refine((text) => text.isWellFormed(), { message: 'is not text' });

export const ConsentWordsSchema = z.object({
  consents: z
    .array(
      z.object({
        purpose: Label,
        channel: Label.default('*').describe('* speaks for every channel'),
        state: z.enum(['granted', 'denied', 'revoked']),
      }),
    )
    .min(1)
    .max(100),
});

export const PreferenceLinkView = z.object({
  url: z.url().describe('opens the person’s preferences; give it to nobody else'),
});

/** Makes links to preference pages; provided by the module. */
export class PreferenceLinks {
  constructor(
    private readonly signer: PreferenceSigner,
    private readonly publicUrl: string,
  ) {}

  linkFor(workspaceId: string, customerId: string): string {
    return `${this.publicUrl}/p/${this.signer.sign({ workspaceId, customerId })}`;
  }
}

/** What a person may ask of those who keep data about them. */
@ApiTags('privacy')
@ApiBearerAuth()
@Controller('api/v1/customers')
export class PrivacyController {
  constructor(
    private readonly database: Database,
    private readonly links: PreferenceLinks,
  ) {}

  @Get(':id/export')
  @NeedsScope('privacy')
  @ApiOperation({ summary: 'All that is kept about a person, as one JSON document' })
  @IdInPath()
  @ApiResponse({
    status: 200,
    description: 'A list for each kind of record',
    content: { 'application/json': { schema: { type: 'object' } } },
  })
  async export(
    @FromKey() caller: Caller,
    @Param('id', IdParam) id: string,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const customerIds = await this.database.change(
      caller,
      async ({ client, workspaceId, audit }) => {
        const { customerId, absorbed } = found(await readCustomer(client, workspaceId, id));
        await audit('customer.export', customerId);
        return [customerId, ...absorbed];
      },
    );
    await reply
      .header('content-type', 'application/json; charset=utf-8')
      .header('content-disposition', `attachment; filename="customer-${id}.json"`)
      .header('cache-control', 'no-store')
      .send(exportStream(this.database, caller, { customerIds, at: iso(Date.now()) }));
  }

  @Put(':id/consents')
  @HttpCode(202)
  @NeedsScope('write')
  @ApiOperation({
    summary: 'Say for a person what they allow; a no counts from the answer on, a yes once applied',
  })
  @IdInPath()
  @Takes('ConsentWords')
  @Answers('LaneInput', 202)
  async putConsents(
    @FromKey() caller: Caller,
    @Param('id', IdParam) id: string,
    @Body() body: unknown,
  ) {
    const { consents: words } = parseDocument(ConsentWordsSchema, body);
    const customerId = await this.database.change(
      caller,
      async ({ client, workspaceId, audit }) => {
        const customer = found(await readCustomer(client, workspaceId, id));
        await audit('customer.consents', customer.customerId, { words });
        return customer.customerId;
      },
    );
    const { workspaceId } = caller;
    const said = { workspaceId, customerId, words };
    return { position: await appendConsents(this.database.door, said, Date.now()) };
  }

  @Post(':id/preference-link')
  @HttpCode(200)
  @NeedsScope('operate')
  @ApiOperation({ summary: 'A link under which the person sees and changes what they allow' })
  @IdInPath()
  @Answers('PreferenceLink')
  async preferenceLink(@FromKey() caller: Caller, @Param('id', IdParam) id: string) {
    const { customerId } = found(
      await this.database.read(caller, (client, ws) => readCustomer(client, ws, id)),
    );
    return { url: this.links.linkFor(caller.workspaceId, customerId) };
  }
}
