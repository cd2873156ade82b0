/** Files as shops have them, uploaded the way the API does it: read by its reader, mapped by real mappings, in small pages. */
import { Readable } from 'node:stream';
import { STARTER_CATALOGUE, type Mapping } from '@throughline/domain/catalogue';
import { isJsonObject, type JsonObject } from '@throughline/domain/shared';
import {
  addChunk,
  beginImport,
  readImport,
  stageImport,
  type Import,
} from '@throughline/store/ingestion';
import { chunksOf } from '../../apps/api/src/ingestion/import-chunks.js';
import { rowReader } from '../../apps/api/src/ingestion/import-rows.js';
import { ImportStream } from '../../apps/api/src/ingestion/import-stream.js';
import type { Engine } from './engine.js';

export const CUSTOMERS: Mapping = {
  key: 'crm',
  target: 'customers',
  fields: [
    { to: 'user_id', from: { path: 'id' } },
    { to: 'email', from: { path: 'mail' }, normalise: ['email'], level: 'omit' },
    { to: 'first_name', from: { path: 'first' }, normalise: ['name'], level: 'allow' },
  ],
};

export const ORDERS: Mapping = {
  key: 'till',
  target: 'orders',
  fields: [
    { to: 'order_id', from: { path: 'bon' } },
    { to: 'email', from: { path: 'mail' }, normalise: ['email'] },
    { to: 'total', from: { path: 'summe' }, casts: [{ cast: 'number', decimal: 'comma' }] },
    { to: 'currency', from: { constant: 'EUR' } },
    { to: 'event_time', from: { path: 'zeit' }, casts: [{ cast: 'time' }] },
  ],
};

export interface FileOptions {
  readonly rowsAPage?: number;
  readonly startJourneys?: boolean;
}

/** What the mapping's own checks would refuse is refused here by the types. */
export async function uploadFile(
  engine: Engine,
  {
    mapping,
    csv,
    rowsAPage = 1_000,
    startJourneys = false,
  }: FileOptions & { mapping: Mapping; csv: string },
): Promise<Import> {
  const { workspaceId } = engine;
  const importId = await engine.asOperator((client) =>
    beginImport(client, workspaceId, {
      kind: mapping.target,
      format: 'csv',
      mappingKey: mapping.key,
      mappingVersion: 1,
      mapping: jsonOf({ mapping, catalogue: STARTER_CATALOGUE }),
      startJourneys,
      createdBy: 'test',
    }),
  );
  const stream = new ImportStream(Readable.from([Buffer.from(csv)]), undefined);
  const reader = rowReader('csv');
  let [chunks, rows] = [0, 0];
  const size = { characters: 1_000_000, rows: rowsAPage };
  for await (const chunk of chunksOf(reader.lines(stream.read()), size)) {
    await engine.asOperator((client) => addChunk(client, workspaceId, { importId, chunk }));
    [chunks, rows] = [chunks + 1, rows + chunk.rows];
  }
  const { columns } = reader;
  const file = {
    importId,
    contentHash: stream.digest(),
    bytes: stream.bytes,
    columns,
    chunks,
    rows,
  };
  const staged = await engine.asOperator((client) =>
    stageImport(client, workspaceId, { ...file, rerun: false }),
  );
  return staged.import;
}

export async function importOf(engine: Engine, importId: string): Promise<Import> {
  const row = await engine.asOperator((client) => readImport(client, engine.workspaceId, importId));
  if (row === null) throw new TypeError('the import is there');
  return row;
}

function jsonOf(value: unknown): JsonObject {
  const copy: unknown = JSON.parse(JSON.stringify(value));
  return isJsonObject(copy) ? copy : {};
}
