/**
 * Rung: a build from source. 1.5.1 is the last version that `go install` accepts; newer ones carry
 * a replace directive that it refuses.
 */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { faultIn, runToEnd, type RunResult } from '../process.js';
import { storeInCache, withWorkFolder } from './cache.js';
import { notFound, type LadderContext, type RungOutcome } from './ladder.js';
import { which } from './on-path.js';

const MODULE = 'github.com/temporalio/cli';
const VERSION = 'v1.5.1';
/** As upstream's own release does: without it the program calls itself 0.0.0. */
const LINKER_FLAGS = `-s -w -X ${MODULE}/temporalcli.Version=${VERSION.slice(1)}`;
const TASK = 'Building Temporal with Go (about five minutes, once)';

export async function buildWithGo(context: LadderContext): Promise<RungOutcome> {
  const go = which('go', context.env);
  if (go === undefined) return notFound('there is no Go');
  return withWorkFolder(context, TASK, async (folder) => {
    const bin = join(folder, 'bin');
    await mkdir(bin, { recursive: true });
    const unreachable = faultIn(await askForModule(context, go, folder));
    if (unreachable !== undefined)
      return notFound(`the Go modules cannot be reached: ${unreachable}`);
    const fault = faultIn(await build(context, go, { folder, bin }));
    if (fault !== undefined) return notFound(fault);
    return storeInCache(context, { path: join(bin, 'temporal'), how: 'built with Go' });
  });
}

/** A small question with the connect limit, since the build itself has none. */
function askForModule(context: LadderContext, go: string, cwd: string): Promise<RunResult> {
  return runToEnd({
    command: go,
    args: ['list', '-m', `${MODULE}@${VERSION}`],
    cwd,
    env: context.env,
    timeoutMs: context.connectLimitMs,
  });
}

function build(
  context: LadderContext,
  go: string,
  folders: { readonly folder: string; readonly bin: string },
): Promise<RunResult> {
  let fetched = 0;
  let compiled = 0;
  return runToEnd({
    command: go,
    args: [
      'install',
      '-v',
      '-trimpath',
      '-ldflags',
      LINKER_FLAGS,
      `${MODULE}/cmd/temporal@${VERSION}`,
    ],
    cwd: folders.folder,
    env: { ...context.env, CGO_ENABLED: '0', GOBIN: folders.bin },
    timeoutMs: 45 * 60_000,
    onLine: (line) => {
      if (line.startsWith('go: downloading')) fetched += 1;
      else compiled += 1;
      const detail = `${fetched} modules fetched, ${compiled} packages compiled`;
      context.report({ kind: 'working', task: TASK, detail });
    },
  });
}
