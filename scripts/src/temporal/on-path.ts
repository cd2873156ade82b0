/** Rung: a Temporal CLI that the person has installed. */
import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { inspectBinary } from './inspect.js';
import { notFound, type LadderContext, type RungOutcome } from './ladder.js';

export async function findOnPath(context: LadderContext): Promise<RungOutcome> {
  const path = which('temporal', context.env);
  if (path === undefined) return notFound('there is none');
  const inspection = await inspectBinary(path);
  if (!inspection.usable) return notFound(inspection.reason);
  return {
    found: true,
    temporal: { kind: 'binary', path, version: inspection.version, how: 'found on PATH' },
  };
}

/** The first executable file of that name on PATH. */
export function which(name: string, env: NodeJS.ProcessEnv): string | undefined {
  const folders = (env['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '');
  return folders.map((folder) => join(folder, name)).find(isExecutableFile);
}

function isExecutableFile(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}
