/** A person's data as one JSON document, written as it is read: section after section, never whole in memory. */
import { Readable } from 'node:stream';
import {
  EXPORT_SECTIONS,
  exportPage,
  type ExportPage,
  type ExportPlace,
} from '@throughline/store/consent';
import type { Caller } from '../common/caller.js';
import type { Database } from '../common/database.js';

interface Exported {
  readonly customerIds: readonly string[];
  readonly at: string;
}

export function exportStream(database: Database, caller: Caller, person: Exported): Readable {
  return Readable.from(chunks(database, caller, person), { objectMode: false });
}

async function* chunks(
  database: Database,
  caller: Caller,
  { customerIds, at }: Exported,
): AsyncGenerator<string> {
  const readPage = (wanted: Parameters<typeof exportPage>[2]): Promise<ExportPage> =>
    database.read(caller, (client, ws) => exportPage(client, ws, wanted));
  yield `{"customerIds":${JSON.stringify(customerIds)},"exportedAt":${JSON.stringify(at)}`;
  for (const section of EXPORT_SECTIONS) {
    yield `,\n${JSON.stringify(section)}:[`;
    let separator = '';
    let after: ExportPlace | null = null;
    do {
      const page: ExportPage = await readPage({ customerIds, section, after });
      for (const row of page.rows) {
        yield `${separator}\n${JSON.stringify(row)}`;
        separator = ',';
      }
      after = page.after;
    } while (after !== null);
    yield ']';
  }
  yield '}\n';
}
