import { Controller, Get, Query } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiTags } from '@nestjs/swagger';
import { readEventStream } from '@throughline/store/profiles';
import { NeedsScope } from '../common/auth.guard.js';
import { FromKey, type Caller } from '../common/caller.js';
import { Database } from '../common/database.js';
import { AnswersPage } from '../common/openapi.decorators.js';
import { encodeCursor } from '../common/page.js';
import { EventsQuery } from './customers.dto.js';
import { PersonalData } from './personal-data.js';
import { filterOf, placeAfter } from './places.js';
import { timelineView } from './views.js';

/** The events of a workspace as the lane applies them: for whoever follows along. */
@ApiTags('events')
@ApiBearerAuth()
@Controller('api/v1/events')
@NeedsScope('read')
export class EventsController {
  constructor(
    private readonly database: Database,
    private readonly personal: PersonalData,
  ) {}

  @Get()
  @ApiOperation({
    summary: 'What was applied since, oldest first; without `after`, the latest',
    description:
      'Always names a `next`, also where nothing has come: ask again with it a little later.',
  })
  @AnswersPage('TimelineEvent')
  async list(@FromKey() caller: Caller, @Query() query: EventsQuery) {
    const personal = await this.personal.hiddenFrom(caller);
    const page = { ...filterOf(query), after: placeAfter(query.after), limit: query.limit };
    const { events, next } = await this.database.read(caller, (client, workspaceId) =>
      readEventStream(client, workspaceId, page),
    );
    return {
      items: events.map((event) => timelineView(event, personal)),
      next: encodeCursor([next.position, next.ordinal]),
    };
  }
}
