/**
 * Histories of every shape are replayed against every later build. They are recorded once, when TL_RECORD_HISTORIES=1 and the
 * file is not there; never written over: a history that no longer replays is a fault of the code.
 */
import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { WorkflowHandle } from '@temporalio/client';
import { historyToJSON } from '@temporalio/common/lib/proto-utils.js';

const FOLDER = fileURLToPath(new URL('../../../workflows/histories/', import.meta.url));

export async function keepHistory(handle: WorkflowHandle, name: string): Promise<void> {
  const file = `${FOLDER}${name}.json`;
  if (process.env['TL_RECORD_HISTORIES'] !== '1' || existsSync(file)) return;
  await mkdir(FOLDER, { recursive: true });
  const history: unknown = JSON.parse(historyToJSON(await handle.fetchHistory()));
  await writeFile(file, `${JSON.stringify(history, withoutPlaces, 1)}\n`);
}

/** Stacks name the folders of the machine that recorded; a replay does not read them. */
function withoutPlaces(name: string, value: unknown): unknown {
  return name === 'stackTrace' ? '' : value;
}
