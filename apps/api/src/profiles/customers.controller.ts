import { Controller, Get, Param, Query } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiTags } from '@nestjs/swagger';
import { normaliseIdentifier } from '@throughline/domain/identity';
import { ThroughlineError } from '@throughline/domain/shared';
import { readConsentHistory, readConsents } from '@throughline/store/consent';
import {
  findCustomer,
  listCustomers,
  readCustomer,
  readProfile,
  readProfileAsOf,
  readTimeline,
  searchCustomers,
} from '@throughline/store/profiles';
import { listMembers } from '@throughline/store/segments';
import type { Queryable } from '@throughline/store/shared';
import { NeedsScope } from '../common/auth.guard.js';
import { FromKey, type Caller } from '../common/caller.js';
import { Database } from '../common/database.js';
import { Answers, AnswersPage, IdInPath } from '../common/openapi.decorators.js';
import { pageOf, uuidCursor } from '../common/page.js';
import { found, IdParam, iso } from '../common/params.js';
import { instant } from '../segments/segment-readings.js';
import { ListCustomersQuery, ProfileQuery, TimelineQuery } from './customers.dto.js';
import { PersonalData } from './personal-data.js';
import { filterOf, placeAfter } from './places.js';
import { consentView, customerView, timelineView } from './views.js';

interface PageWanted {
  readonly after: string | null;
  readonly limit: number;
}

@ApiTags('customers')
@ApiBearerAuth()
@Controller('api/v1/customers')
@NeedsScope('read')
export class CustomersController {
  constructor(
    private readonly database: Database,
    private readonly personal: PersonalData,
  ) {}

  @Get()
  @ApiOperation({
    summary: 'Customers: by identifier, by the beginning of one, by segment, or all, newest first',
  })
  @AnswersPage('CustomerSummary')
  list(@FromKey() caller: Caller, @Query() query: ListCustomersQuery) {
    const { identifier, segment, search, after, limit } = query;
    if ([identifier, segment, search].filter((one) => one !== undefined).length > 1) {
      throw new ThroughlineError(
        'invalid_request',
        'Ask by identifier, by segment or by a search, and by one of them only.',
      );
    }
    if (identifier !== undefined) return this.byIdentifier(caller, identifier);
    const page = { after: uuidCursor(after), limit: limit + 1 };
    if (search !== undefined) return this.search(caller, search.trim(), page);
    return segment === undefined ? this.all(caller, page) : this.members(caller, segment, page);
  }

  @Get(':id')
  @ApiOperation({
    summary:
      'A profile, now or as of an instant: identifiers, traits with their provenance, consents, segments',
    description:
      'Contact data and what the catalogue calls personal is masked for keys without the scope privacy or admin.',
  })
  @IdInPath()
  @Answers('Customer')
  async get(
    @FromKey() caller: Caller,
    @Param('id', IdParam) customerId: string,
    @Query() { fields, asOf }: ProfileQuery,
  ) {
    const personal = await this.personal.hiddenFrom(caller);
    const wanted = { customerId, parts: fields };
    const at = asOf === undefined ? null : instant(asOf);
    const profile = await this.database.read(caller, (client, workspaceId) =>
      at === null
        ? readProfile(client, workspaceId, wanted)
        : readProfileAsOf(client, workspaceId, { ...wanted, asOf: at }),
    );
    return customerView(found(profile), { personal, asOf: at });
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
    @Query() query: TimelineQuery,
  ) {
    const personal = await this.personal.hiddenFrom(caller);
    const page = {
      ...filterOf(query),
      from: query.from === undefined ? null : iso(instant(query.from)),
      to: query.to === undefined ? null : iso(instant(query.to)),
      after: placeAfter(query.after),
      limit: query.limit + 1,
    };
    const rows = await this.database.read(caller, async (client, workspaceId) => {
      const customerIds = await everyId(client, workspaceId, id);
      return readTimeline(client, workspaceId, { ...page, customerIds });
    });
    return pageOf(rows, query.limit, {
      view: (row) => timelineView(row, personal),
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

  /** Whoever may not see addresses cannot spell them out letter by letter either. */
  private async search(caller: Caller, text: string, page: PageWanted) {
    const personal = await this.personal.hiddenFrom(caller);
    const without = [...(personal?.identifiers ?? [])];
    const rows = await this.database.read(caller, (client, id) =>
      searchCustomers(client, id, { ...page, text, without }),
    );
    return pageOf(rows, page.limit - 1, {
      view: ({ customerId, matched }) => ({
        id: customerId,
        matched: [...matched],
      }),
      cursor: (row) => [row.customerId],
    });
  }

  private async all(caller: Caller, page: PageWanted) {
    const rows = await this.database.read(caller, (client, id) => listCustomers(client, id, page));
    return pageOf(rows, page.limit - 1, {
      view: ({ customerId, createdAt }) => ({ id: customerId, createdAt: iso(createdAt) }),
      cursor: (row) => [row.customerId],
    });
  }

  private async members(caller: Caller, segment: string, page: PageWanted) {
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
