/**
 * Gate: no file imports itself by way of others. Which of the two is evaluated first would depend on who asks, and neither could
 * be read, tested or moved without the other. Types are no imports: nothing of them is left when the program runs.
 */
import { readFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import { REPO_ROOT } from './paths.js';
import { sourcePaths } from './source-files.js';

/** File → files that it imports, both from the repository's root. */
export type ImportGraph = ReadonlyMap<string, readonly string[]>;

/** One sentence for each circle of files. */
export function findCycleFaults(graph: ImportGraph): string[] {
  const circles = new Map<string, readonly string[]>();
  const done = new Set<string>();
  const visit = (file: string, way: readonly string[]): void => {
    const begin = way.indexOf(file);
    if (begin >= 0) {
      const circle = fromSmallest(way.slice(begin));
      circles.set(circle.join(), circle);
      return;
    }
    if (done.has(file)) return;
    for (const next of graph.get(file) ?? []) visit(next, [...way, file]);
    done.add(file);
  };
  for (const file of graph.keys()) visit(file, []);
  return [...circles.values()].map((circle) => [...circle, circle[0]].join(' → '));
}

/** The same circle begins with the same file, whichever way led into it. */
function fromSmallest(circle: readonly string[]): readonly string[] {
  const smallest = circle.reduce((least, file) => (file < least ? file : least));
  const begin = circle.indexOf(smallest);
  return [...circle.slice(begin), ...circle.slice(0, begin)];
}

export function readImportGraph(root = REPO_ROOT): ImportGraph {
  const paths = sourcePaths(root);
  const known = new Set(paths);
  return new Map(
    paths.map((path) => {
      const text = readFileSync(join(root, path), 'utf8');
      const imported = importsOf(text).map((name) => resolve(path, name) ?? '');
      return [path, imported.filter((file) => known.has(file))];
    }),
  );
}

/**
 * What a module imports when it is evaluated. The formatter decides how statements look, so a pattern reads them; a type checker
 * would take longer than all of the other gates.
 */
export function importsOf(text: string): string[] {
  return [...text.matchAll(STATEMENT)].flatMap(({ groups }) => {
    const { clause, name } = groups ?? {};
    return name === undefined || isTypeOnly(clause ?? '') ? [] : [name];
  });
}

/** `import … from 'name'`, `export … from 'name'` and `import 'name'` at the beginning of a line. */
const STATEMENT =
  /^(?:import|export)\s+(?:(?<clause>(?:type\s+)?(?:[\w$]+\s*,?\s*)?(?:\{[^}]*\}|\*(?:\s+as\s+[\w$]+)?)?)\s*from\s+)?'(?<name>[^']+)'/gm;

/** `type { … }`, or braces in which each name says `type`. */
function isTypeOnly(clause: string): boolean {
  if (/^type\s/.test(clause)) return true;
  const [, names] = /^\{([^}]*)\}$/.exec(clause.trim()) ?? [];
  if (names === undefined) return false;
  const list = names.split(',').map((name) => name.trim());
  return list.every((name) => name === '' || name.startsWith('type '));
}

/** A relative import, or a door of a room (`@throughline/store/shared`); everything else is not ours. */
function resolve(importer: string, name: string): string | null {
  if (name.startsWith('.')) {
    return posix.join(posix.dirname(importer), name).replace(/\.js$/, '.ts');
  }
  const [, room, capability, zod] = DOOR.exec(name) ?? [];
  if (room === undefined || capability === undefined) return null;
  return `${room}/src/${capability}/${zod === undefined ? 'index' : 'schemas'}.ts`;
}

const DOOR = /^@throughline\/([a-z]+)\/([a-z-]+)(\/schemas)?$/;
