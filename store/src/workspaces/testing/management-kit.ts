/** Two workspaces in a database of their own, seen as the API sees them: through the role and the policies of management. */
import type pg from 'pg';
import { createTestDatabase } from '../../../../test/support/database.js';
import { inWorkspace, openPool, type Queryable } from '../../shared/index.js';
import { createWorkspace } from '../workspaces.js';

export class ManagementKit {
  private constructor(
    readonly shop: string,
    readonly rival: string,
    readonly app: pg.Pool,
    readonly door: pg.Pool,
    private readonly owner: pg.Pool,
    private readonly drop: () => Promise<void>,
  ) {}

  static async open(): Promise<ManagementKit> {
    const { url, drop } = await createTestDatabase();
    const app = openPool({ url, role: 'tl_app', max: 10 });
    const door = openPool({ url, role: 'tl_ingest', max: 2 });
    const owner = openPool({ url, role: 'tl_lane', max: 2 });
    const shop = await createWorkspace(app, { key: 'shop', name: 'Shop' });
    const rival = await createWorkspace(app, { key: 'rival', name: 'Rival' });
    return new ManagementKit(shop.workspaceId, rival.workspaceId, app, door, owner, drop);
  }

  async close(): Promise<void> {
    await Promise.all([this.app.end(), this.door.end(), this.owner.end()]);
    await this.drop();
  }

  /** One transaction of the shop. */
  inShop<T>(work: (client: Queryable, workspaceId: string) => Promise<T>): Promise<T> {
    return inWorkspace(this.app, this.shop, (client) => work(client, this.shop));
  }

  /** A transaction of the rival that asks for what is the shop's. */
  spy<T>(work: (client: Queryable, workspaceId: string) => Promise<T>): Promise<T> {
    return inWorkspace(this.app, this.rival, (client) => work(client, this.shop));
  }

  /** Rows that only the lane writes; $1 is the shop. */
  async asLane(text: string, ...values: unknown[]): Promise<void> {
    await this.owner.query(text, [this.shop, ...values]);
  }
}
