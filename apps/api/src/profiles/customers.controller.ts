import { Controller, Get, Param, Query } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiPropertyOptional, ApiTags } from '@nestjs/swagger';
import { IsOptional, IsString, Matches, MaxLength } from 'class-validator';
import { normaliseIdentifier } from '@throughline/domain/identity';
import { ThroughlineError } from '@throughline/domain/shared';
import { readConsentHistory, readConsents } from '@throughline/store/consent';
import { readIdentifiers } from '@throughline/store/identity';
import {
  findCustomer,
  listCustomers,
  readCustomer,
  readTimeline,
} from '@throughline/store/profiles';
import { listMembers, readMemberships } from '@throughline/store/segments';
import type { Queryable } from '@throughline/store/shared';
import { NeedsScope } from '../common/auth.guard.js';
import { FromKey, type Caller } from '../common/caller.js';
import { Database } from '../common/database.js';
import { Answers, AnswersPage, IdInPath } from '../common/openapi.decorators.js';
import { numbersCursor, pageOf, PageQuery, uuidCursor } from '../common/page.js';
import { found, IdParam, iso, KEY_PATTERN } from '../common/params.js';
import { consentView, customerView, timelineView } from './views.js';

export class ListCustomersQuery extends PageQuery {
  @ApiPropertyOptional({
    type: String,
    description: '`type:value`; answers the one who has it, or nobody.',
    example: 'email:ada@example.com',
  })
  @IsOptional()
  @IsString()
  @MaxLength(600)
  @Matches(/^[a-zA-Z][\w-]*:./s, { message: 'identifier must be type:value' })
  identifier?: string;

  @ApiPropertyOptional({ type: String, description: 'Key of a segment; answers its members.' })
  @IsOptional()
  @Matches(KEY_PATTERN)
  segment?: string;
}

@ApiTags('customers')
@ApiBearerAuth()
@Controller('api/v1/customers')
@NeedsScope('read')
export class CustomersController {
  constructor(private readonly database: Database) {}

  @Get()
  @ApiOperation({ summary: 'Customers: by identifier, by segment, or all, newest first' })
  @AnswersPage('CustomerSummary')
  list(@FromKey() caller: Caller, @Query() query: ListCustomersQuery) {
    const { identifier, segment, after, limit } = query;
    if (identifier !== undefined && segment !== undefined) {
      throw new ThroughlineError(
        'invalid_request',
        'Ask by identifier or by segment, not by both.',
      );
    }
    if (identifier !== undefined) return this.byIdentifier(caller, identifier);
    const page = { after: uuidCursor(after), limit: limit + 1 };
    return segment === undefined ? this.all(caller, page) : this.members(caller, segment, page);
  }

  @Get(':id')
  @ApiOperation({
    summary: 'A profile: identifiers, traits with their provenance, consents, segments',
  })
  @IdInPath()
  @Answers('Customer')
  get(@FromKey() caller: Caller, @Param('id', IdParam) id: string) {
    return this.database.read(caller, async (client, workspaceId) => {
      const customer = found(await readCustomer(client, workspaceId, id));
      const { customerId } = customer;
      return customerView({
        customer,
        identifiers: await readIdentifiers(client, workspaceId, customerId),
        consents: await readConsents(client, workspaceId, customerId),
        memberships: await readMemberships(client, workspaceId, customerId),
      });
    });
  }

  @Get(':id/timeline')
  @ApiOperation({
    summary: 'What happened, newest first; events keep the owner they were applied to',
  })
  @IdInPath()
  @AnswersPage('TimelineEvent')
  async timeline(
    @FromKey() caller: Caller,
    @Param('id', IdParam) id: string,
    @Query() { after, limit }: PageQuery,
  ) {
    const [position, ordinal] = numbersCursor(after) ?? [];
    const from = position === undefined ? null : { position, ordinal: ordinal ?? 0 };
    const rows = await this.database.read(caller, async (client, workspaceId) => {
      const customerIds = await everyId(client, workspaceId, id);
      return readTimeline(client, workspaceId, { customerIds, after: from, limit: limit + 1 });
    });
    return pageOf(rows, limit, {
      view: timelineView,
      cursor: (row) => [row.position, row.ordinal],
    });
  }

  @Get(':id/consents')
  @ApiOperation({ summary: 'Consents that hold, and the latest changes' })
  @IdInPath()
  @Answers('Consents')
  consents(@FromKey() caller: Caller, @Param('id', IdParam) id: string) {
    return this.database.read(caller, async (client, workspaceId) => {
      const customerIds = await everyId(client, workspaceId, id);
      const [survivor] = customerIds;
      const rows = await readConsents(client, workspaceId, found(survivor));
      const history = await readConsentHistory(client, workspaceId, { customerIds, limit: 200 });
      return {
        consents: rows.map(consentView),
        changes: history.map((row) => ({ ...consentView(row), previous: row.previous })),
      };
    });
  }

  private async byIdentifier(caller: Caller, identifier: string) {
    const colon = identifier.indexOf(':');
    const type = identifier.slice(0, colon);
    const value = normaliseIdentifier(type, identifier.slice(colon + 1));
    if (value === null) return { items: [], next: null };
    const id = await this.database.read(caller, (client, workspaceId) =>
      findCustomer(client, workspaceId, { type, value }),
    );
    return { items: id === null ? [] : [{ id }], next: null };
  }

  private async all(caller: Caller, page: { after: string | null; limit: number }) {
    const rows = await this.database.read(caller, (client, id) => listCustomers(client, id, page));
    return pageOf(rows, page.limit - 1, {
      view: ({ customerId, createdAt }) => ({ id: customerId, createdAt: iso(createdAt) }),
      cursor: (row) => [row.customerId],
    });
  }

  private async members(
    caller: Caller,
    segment: string,
    page: { after: string | null; limit: number },
  ) {
    const rows = await this.database.read(caller, (client, id) =>
      listMembers(client, id, { ...page, segment }),
    );
    return pageOf(rows, page.limit - 1, {
      view: ({ customerId }) => ({ id: customerId }),
      cursor: (row) => [row.customerId],
    });
  }
}

/** The survivor first, then everyone whom it took in. */
async function everyId(client: Queryable, workspaceId: string, id: string): Promise<string[]> {
  const { customerId, absorbed } = found(await readCustomer(client, workspaceId, id));
  return [customerId, ...absorbed];
}
