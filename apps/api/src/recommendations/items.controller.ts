import { Body, Controller, Delete, Get, Param, Put, Query } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';
import { ItemsSchema } from '@throughline/domain/recommendations/schemas';
import { ThroughlineError } from '@throughline/domain/shared';
import { deleteItem, listItems, putItems } from '@throughline/store/recommendations';
import { NeedsScope } from '../common/auth.guard.js';
import { FromKey, type Caller } from '../common/caller.js';
import { Database } from '../common/database.js';
import { parseDocument } from '../common/documents.js';
import { Answers, AnswersPage, Takes } from '../common/openapi.decorators.js';
import { pageOf, PageQuery, textCursor } from '../common/page.js';
import { itemView } from './views.js';

const LONGEST_ID = 200;

/** What can be recommended, and how it is shown. What is not in it is never recommended: a message could not say what it is. */
@ApiTags('items')
@ApiBearerAuth()
@Controller('api/v1/items')
export class ItemsController {
  constructor(private readonly database: Database) {}

  @Get()
  @NeedsScope('read')
  @ApiOperation({ summary: 'Items by id' })
  @AnswersPage('Item')
  async list(@FromKey() caller: Caller, @Query() { after, limit }: PageQuery) {
    const page = { after: textCursor(after), limit: limit + 1 };
    const rows = await this.database.read(caller, (client, id) => listItems(client, id, page));
    return pageOf(rows, limit, { view: itemView, cursor: ({ id }) => [id] });
  }

  @Put()
  @NeedsScope('write')
  @ApiOperation({
    summary: 'Put up to 1,000 items, each whole; those that are not named stay as they are',
  })
  @Takes('ItemsDocument')
  @Answers('ItemsPut')
  put(@FromKey() caller: Caller, @Body() body: unknown) {
    const { items } = parseDocument(ItemsSchema, body);
    return this.database.change(caller, async ({ client, workspaceId, audit }) => {
      const count = await putItems(client, workspaceId, items);
      await audit('items.put', 'items', { items: count });
      return { items: count };
    });
  }

  @Delete(':itemId')
  @NeedsScope('write')
  @ApiOperation({ summary: 'Take an item out: it is recommended no more' })
  @ApiParam({ name: 'itemId', schema: { type: 'string', maxLength: LONGEST_ID } })
  @Answers('ItemsPut')
  delete(@FromKey() caller: Caller, @Param('itemId') itemId: string) {
    return this.database.change(caller, async ({ client, workspaceId, audit }) => {
      // PostgreSQL holds no NUL, so no item has one.
      const isThere = !itemId.includes('\u0000') && (await deleteItem(client, workspaceId, itemId));
      if (!isThere) throw new ThroughlineError('not_found');
      await audit('items.delete', itemId);
      return { items: 1 };
    });
  }
}
