/** Where things lie: the same answer from `src` (tests) and from `dist` (commands). */
import { homedir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const REPO_ROOT = fileURLToPath(new URL('../../', import.meta.url));

/** Everything a running installation writes; git ignores it and `--reset` empties it. */
export const VAR_DIR = join(REPO_ROOT, 'var');

/** Downloads outlive a clone, so they go where other tools keep theirs. */
export function cacheDir(env: NodeJS.ProcessEnv): string {
  const base = env['XDG_CACHE_HOME'];
  return join(base === undefined || base === '' ? join(homedir(), '.cache') : base, 'throughline');
}
