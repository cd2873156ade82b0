/** Reads what a model learns of, page by page with a sign of life after each, into memory: some hundred bytes a customer. */
import type { PredictionDefinition } from '@throughline/domain/prediction/schemas';
import type { EnginePool } from '@throughline/store/journeys';
import {
  readKnownCustomers,
  readPurchases,
  type KnownCustomer,
  type PurchaseHistory,
} from '@throughline/store/prediction';
import { inWorkspace, type Queryable } from '@throughline/store/shared';

export interface Reading {
  readonly pool: EnginePool;
  readonly workspaceId: string;
  readonly definition: PredictionDefinition;
  /** after every page */
  readonly beat: () => void;
  readonly customersPerPage: number;
}

/** Everybody with a history at that moment, with what came of them within the horizon after it. */
export function readAllKnown(reading: Reading, at: number): Promise<KnownCustomer[]> {
  const { workspaceId, definition, customersPerPage: limit } = reading;
  return everyPage(reading, (client, after) =>
    readKnownCustomers(client, workspaceId, { definition, at, after, limit }),
  );
}

export function readAllPurchases(reading: Reading, at: number): Promise<PurchaseHistory[]> {
  const { workspaceId, definition, customersPerPage: limit } = reading;
  return everyPage(reading, (client, after) =>
    readPurchases(client, workspaceId, { definition, at, after, limit }),
  );
}

interface Page<T> {
  readonly customers: readonly T[];
  readonly next: string | null;
}

async function everyPage<T>(
  { pool, workspaceId, beat }: Reading,
  read: (client: Queryable, after: string | null) => Promise<Page<T>>,
): Promise<T[]> {
  const all: T[] = [];
  let after: string | null = null;
  do {
    const from: string | null = after;
    const page: Page<T> = await inWorkspace(pool, workspaceId, (client) => read(client, from));
    for (const customer of page.customers) all.push(customer);
    after = page.next;
    beat();
  } while (after !== null);
  return all;
}
