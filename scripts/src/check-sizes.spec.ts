import { describe, expect, it } from '@jest/globals';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findSizeFaults, listSizedFiles, summariseSizes, type SizedFile } from './check-sizes.js';

function file(path: string, lines: number): SizedFile {
  return { path, lines };
}

describe('sizes', () => {
  it('are well when files are short and tests outweigh the source', () => {
    const files = [file('domain/src/a.ts', 100), file('domain/src/a.spec.ts', 100)];
    expect(findSizeFaults(files)).toEqual([]);
  });

  it('name each file that is too long', () => {
    const small = Array.from({ length: 20 }, (_unused, index) => file(`test/${index}.ts`, 50));
    const files = [...small, file('domain/src/long.ts', 401), file('domain/src/edge.ts', 400)];
    expect(findSizeFaults(files)).toEqual(['domain/src/long.ts has 401 lines, more than 400']);
  });

  it('refuse a house in which long files are the rule', () => {
    const files = [file('test/a.ts', 250), file('test/b.ts', 10), file('domain/src/c.ts', 10)];
    expect(findSizeFaults(files)).toEqual([
      'a tenth of the files have more than 250 lines; 200 is the limit',
    ]);
  });

  it('refuse tests that fall behind the source', () => {
    const files = [
      file('store/src/a.ts', 100),
      file('store/src/a.spec.ts', 55),
      file('test/e2e/b.e2e-spec.ts', 24),
      file('bench/src/c.spec.ts', 50),
    ];
    expect(findSizeFaults(files)).toEqual(['there are 79 lines of tests for 100 lines of source']);
  });

  it('count helpers of tests as tests', () => {
    const files = [file('store/src/a.ts', 5), file('store/src/testing/rows.ts', 5)];
    expect(findSizeFaults(files)).toEqual([]);
    expect(summariseSizes(files)).toBe('2 files, longest 5, p90 5; 5 lines of source, 5 of tests');
  });

  it('have nothing against an empty house', () => {
    expect(findSizeFaults([])).toEqual([]);
  });
});

describe('listing', () => {
  it('takes what is written by hand and leaves what is made or fetched', async () => {
    const root = await mkdtemp(join(tmpdir(), 'throughline-sizes-'));
    for (const folder of ['domain/src', 'domain/dist', 'node_modules/x', 'scripts']) {
      await mkdir(join(root, folder), { recursive: true });
    }
    const content = 'one\ntwo\n';
    for (const path of [
      'domain/src/a.ts',
      'domain/dist/a.ts',
      'node_modules/x/a.ts',
      'scripts/b.mjs',
      'scripts/c.json',
      'domain/src/d.d.ts',
    ]) {
      await writeFile(join(root, path), content);
    }
    expect(listSizedFiles(root)).toEqual([file('domain/src/a.ts', 2), file('scripts/b.mjs', 2)]);
    await rm(root, { recursive: true, force: true });
  });
});
