/** Everything written by hand: TypeScript and plain modules of the rooms, the scripts and the tests. */
import { readdirSync } from 'node:fs';
import { join, relative, sep } from 'node:path';

const LEFT_OUT = new Set(['node_modules', 'dist', 'var', 'coverage', '.git']);

/** From the repository's root, with forward slashes. */
export function sourcePaths(root: string): string[] {
  return filesBelow(root)
    .filter((path) => /\.(ts|mjs)$/.test(path) && !path.endsWith('.d.ts'))
    .map((path) => relative(root, path).split(sep).join('/'));
}

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    if (LEFT_OUT.has(entry.name)) return [];
    const path = join(folder, entry.name);
    return entry.isDirectory() ? filesBelow(path) : [path];
  });
}
