/**
 * Rung: a program that an earlier run downloaded or built. Kept per version beside its checksum,
 * so that a half-written or altered file is noticed and fetched again.
 */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import {
  chmod,
  copyFile,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rename,
  rm,
  writeFile,
} from 'node:fs/promises';
import { basename, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { messageOf } from '../failure.js';
import { inspectBinary } from './inspect.js';
import { notFound, type LadderContext, type RungOutcome } from './ladder.js';

const BINARY = 'temporal';
const CHECKSUM = 'temporal.sha256';

export async function findCached(context: LadderContext): Promise<RungOutcome> {
  const reasons: string[] = [];
  for (const version of await cachedVersions(context.cacheDir)) {
    const path = join(context.cacheDir, version, BINARY);
    const fault = await faultOf(path);
    if (fault === undefined) {
      return { found: true, temporal: { kind: 'binary', path, version, how: 'from the cache' } };
    }
    reasons.push(`${version}: ${fault}`);
  }
  return notFound(reasons.length === 0 ? `nothing in ${context.cacheDir}` : reasons.join('; '));
}

/**
 * Moves a fetched program into the cache. The move is the last act and atomic, so that two
 * commands that fetch at once cannot see half of each other's work.
 */
export async function storeInCache(
  context: LadderContext,
  fetched: { readonly path: string; readonly how: string },
): Promise<RungOutcome> {
  await chmod(fetched.path, 0o755);
  const inspection = await inspectBinary(fetched.path);
  if (!inspection.usable) return notFound(inspection.reason);
  const folder = join(context.cacheDir, inspection.version);
  await mkdir(folder, { recursive: true });
  const checksum = await sha256(fetched.path);
  const path = join(folder, BINARY);
  await moveInto(fetched.path, path);
  await writeFile(join(folder, CHECKSUM), `${checksum}  ${basename(path)}\n`);
  return {
    found: true,
    temporal: { kind: 'binary', path, version: inspection.version, how: fetched.how },
  };
}

/**
 * Gives a fetch a folder of its own, on the cache's file system; it is removed afterwards. Tells
 * the person that the fetch began and how it ended.
 */
export async function withWorkFolder(
  context: LadderContext,
  task: string,
  work: (folder: string) => Promise<RungOutcome>,
): Promise<RungOutcome> {
  context.report({ kind: 'begin', task });
  const outcome = await workInFolder(context, work);
  const detail = outcome.found ? 'done' : outcome.reason;
  context.report({ kind: 'done', task, detail });
  return outcome;
}

async function workInFolder(
  context: LadderContext,
  work: (folder: string) => Promise<RungOutcome>,
): Promise<RungOutcome> {
  let folder: string;
  try {
    await mkdir(context.cacheDir, { recursive: true });
    folder = await mkdtemp(join(context.cacheDir, 'fetch-'));
  } catch (error) {
    return notFound(`the cache folder cannot be written (${messageOf(error)})`);
  }
  try {
    return await work(folder);
  } catch (error) {
    return notFound(messageOf(error));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

export async function sha256(path: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), hash);
  return hash.digest('hex');
}

async function moveInto(from: string, to: string): Promise<void> {
  try {
    await rename(from, to);
  } catch {
    // Another file system: copy beside the goal first, so that the last act is a rename again.
    const beside = `${to}.${process.pid}`;
    await copyFile(from, beside);
    await rename(beside, to);
  }
}

async function faultOf(path: string): Promise<string | undefined> {
  try {
    const [expected] = (await readFile(`${path}.sha256`, 'utf8')).split(' ');
    if (expected !== (await sha256(path))) return 'its checksum differs';
  } catch (error) {
    return messageOf(error);
  }
  const inspection = await inspectBinary(path);
  return inspection.usable ? undefined : inspection.reason;
}

/** Newest first. */
async function cachedVersions(folder: string): Promise<string[]> {
  try {
    const names = await readdir(folder);
    return names
      .filter((name) => /^\d+\.\d+\.\d+/.test(name))
      .sort(byVersion)
      .reverse();
  } catch {
    return [];
  }
}

function byVersion(left: string, right: string): number {
  return left.localeCompare(right, 'en', { numeric: true });
}
