/** Lines of an import, gathered into the chunks in which they are stored. */
import type { Chunk } from '@throughline/store/ingestion';

export interface ChunkSize {
  readonly characters: number;
  readonly rows: number;
}

/** One chunk is one page of the run: mapped in a blink, and few enough for a big file. */
const CHUNK_SIZE: ChunkSize = { characters: 256 * 1024, rows: 2_500 };

export async function* chunksOf(
  lines: AsyncIterable<string>,
  size = CHUNK_SIZE,
): AsyncGenerator<Chunk> {
  let [seq, firstRow, characters] = [0, 1, 0];
  let gathered: string[] = [];
  for await (const line of lines) {
    gathered.push(line);
    characters += line.length;
    if (characters < size.characters && gathered.length < size.rows) continue;
    yield { seq, firstRow, rows: gathered.length, body: gathered.join('\n') };
    [seq, firstRow, characters] = [seq + 1, firstRow + gathered.length, 0];
    gathered = [];
  }
  if (gathered.length > 0)
    yield { seq, firstRow, rows: gathered.length, body: gathered.join('\n') };
}
