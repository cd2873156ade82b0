import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { findCycleFaults, importsOf, readImportGraph, type ImportGraph } from './check-cycles.js';

function graph(edges: Readonly<Record<string, readonly string[]>>): ImportGraph {
  return new Map(Object.entries(edges));
}

describe('a circle of imports', () => {
  it('is not found where files lead to each other one way only', () => {
    expect(findCycleFaults(graph({ a: ['b', 'c'], b: ['c'], c: [] }))).toEqual([]);
  });

  it('is told once, in the order of its files, whichever way leads into it', () => {
    const edges = { z: ['b'], c: ['a'], a: ['b'], b: ['c'], y: ['c'] };
    expect(findCycleFaults(graph(edges))).toEqual(['a → b → c → a']);
  });

  it('may be a file that imports itself', () => {
    expect(findCycleFaults(graph({ a: ['a'] }))).toEqual(['a → a']);
  });

  it('is told apart from another that shares a file with it', () => {
    const edges = { a: ['b', 'c'], b: ['a'], c: ['a'] };
    expect(findCycleFaults(graph(edges)).sort()).toEqual(['a → b → a', 'a → c → a']);
  });

  it('is found in any graph that has one, and in none that has not', () => {
    const names = ['a', 'b', 'c', 'd', 'e', 'f'];
    const pairs = fc.array(fc.tuple(fc.constantFrom(...names), fc.constantFrom(...names)));
    fc.assert(
      fc.property(pairs, (edges) => {
        const map = new Map(
          names.map((name) => [name, edges.filter(([from]) => from === name).map(([, to]) => to)]),
        );
        expect(findCycleFaults(map).length > 0).toBe(hasCycle(map));
      }),
    );
  });
});

/** Files that lead nowhere are taken away until none is left, or only circles are. */
function hasCycle(map: ImportGraph): boolean {
  const left = new Map(map);
  for (;;) {
    const ends = [...left].filter(([, to]) => to.every((file) => !left.has(file)));
    if (ends.length === 0) return left.size > 0;
    for (const [file] of ends) left.delete(file);
  }
}

describe('the imports of a module', () => {
  it.each([
    ['names', "import { a, b } from './x.js';"],
    ['a default', "import x from './x.js';"],
    ['a default and names', "import x, { a } from './x.js';"],
    ['everything', "import * as x from './x.js';"],
    ['its effects', "import './x.js';"],
    ['names over several lines', "import {\n  a,\n  type B,\n} from './x.js';"],
    ['names that are passed on', "export { a } from './x.js';"],
    ['everything that is passed on', "export * from './x.js';"],
    ['everything, passed on by a name', "export * as x from './x.js';"],
  ])('are %s', (_what, text) => {
    expect(importsOf(`/** What for. */\n${text}\nconst one = 1;\n`)).toEqual(['./x.js']);
  });

  it.each([
    ['types', "import type { A } from './x.js';"],
    ['a type as default', "import type A from './x.js';"],
    ['names that are all types', "import { type A, type B } from './x.js';"],
    ['types over several lines', "import {\n  type A,\n  type B,\n} from './x.js';"],
    ['types that are passed on', "export type { A } from './x.js';"],
    ['what it defines itself', "export const from = './x.js';"],
    ['what it asks for later', "  const later = await import('./x.js');"],
    ['what a comment speaks of', "// import { a } from './x.js';"],
  ])('are not %s', (_what, text) => {
    expect(importsOf(`${text}\n`)).toEqual([]);
  });

  it('are all of them, in their order', () => {
    const text = "import a from 'a';\nimport type { B } from 'b';\nexport { c } from './c.js';\n";
    expect(importsOf(text)).toEqual(['a', './c.js']);
  });
});

describe('the graph of a repository', () => {
  let root: string;

  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'throughline-cycles-'));
  });
  afterEach(() => rm(root, { recursive: true, force: true }));

  const write = async (files: Readonly<Record<string, string>>): Promise<void> => {
    for (const [path, text] of Object.entries(files)) {
      await mkdir(dirname(join(root, path)), { recursive: true });
      await writeFile(join(root, path), text);
    }
  };

  it('leads through the doors of rooms, and to nothing that is not ours', async () => {
    await write({
      'store/src/shared/index.ts': "import pg from 'pg';\nexport { a } from './a.js';\n",
      'store/src/shared/a.ts': "import { b } from '@throughline/domain/time';\n",
      'domain/src/time/index.ts': "import { c } from '@throughline/domain/time/schemas';\n",
      'domain/src/time/schemas.ts': "import { z } from 'zod';\n",
      'store/dist/a.ts': "import './nothing.js';\n",
    });
    expect(Object.fromEntries(readImportGraph(root))).toEqual({
      'store/src/shared/index.ts': ['store/src/shared/a.ts'],
      'store/src/shared/a.ts': ['domain/src/time/index.ts'],
      'domain/src/time/index.ts': ['domain/src/time/schemas.ts'],
      'domain/src/time/schemas.ts': [],
    });
  });

  it('has the circle that goes through a door and back', async () => {
    await write({
      'store/src/a/index.ts': "export { x } from './x.js';\n",
      'store/src/a/x.ts': "import { y } from '../b/index.js';\n",
      'store/src/b/index.ts': "import { x } from '@throughline/store/a';\n",
    });
    expect(findCycleFaults(readImportGraph(root))).toEqual([
      'store/src/a/index.ts → store/src/a/x.ts → store/src/b/index.ts → store/src/a/index.ts',
    ]);
  });

  it('of this repository has more than a few files in it', () => {
    const own = readImportGraph();
    expect(own.get('scripts/src/check-cycles.spec.ts')).toEqual(['scripts/src/check-cycles.ts']);
    expect(own.get('store/src/shared/index.ts')).toContain('store/src/shared/database.ts');
  });
});
