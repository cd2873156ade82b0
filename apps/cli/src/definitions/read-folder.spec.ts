import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { inApplyOrder } from './apply-order.js';
import { KINDS, readFolder, type DefinitionFile } from './read-folder.js';

describe('a folder of definitions', () => {
  let folder: string;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'throughline-folder-'));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  const write = async (files: Readonly<Record<string, string>>): Promise<void> => {
    for (const [path, text] of Object.entries(files)) {
      await mkdir(dirname(join(folder, path)), { recursive: true });
      await writeFile(join(folder, path), text);
    }
  };

  it('is read kind by kind, and by name within a kind', async () => {
    await write({
      'journeys/b.json': '{}',
      'segments/z.json': '{}',
      'segments/a.json': '{}',
      'connections/m.json': '{}',
      'notes/x.json': '{}',
      'segments/readme.md': '# no',
    });
    const { definitions, faults } = await readFolder(folder);
    expect(definitions.map(({ file }) => file)).toEqual([
      'connections/m.json',
      'segments/a.json',
      'segments/z.json',
      'journeys/b.json',
    ]);
    expect(faults).toEqual([]);
  });

  it('takes the key from the body, else from the name of the file', async () => {
    await write({ 'segments/a.json': '{"key":"vip"}', 'segments/b.json': '{"name":"B"}' });
    const { definitions } = await readFolder(folder);
    expect(definitions.map(({ key, body }) => [key, body])).toEqual([
      ['vip', { key: 'vip' }],
      ['b', { key: 'b', name: 'B' }],
    ]);
  });

  it('puts the parts of a template that stand beside it into its body', async () => {
    await write({
      'templates/cart.json': '{"subject":"S","text":"in the file"}',
      'templates/cart.html.liquid': '<p>{{ traits.name }}</p>',
      'templates/cart.text.liquid': 'beside',
      'templates/plain.json': '{"subject":"P"}',
    });
    const { definitions } = await readFolder(folder);
    expect(definitions.map(({ body }) => body)).toEqual([
      { key: 'cart', subject: 'S', text: 'beside', html: '<p>{{ traits.name }}</p>' },
      { key: 'plain', subject: 'P' },
    ]);
  });

  it.each([
    ['no JSON', '{', 'not a JSON object'],
    ['a list', '[]', 'not a JSON object'],
    ['a key that is a number', '{"key":7}', 'its key is not text'],
  ])('says which file holds %s, and reads the others', async (_what, text, message) => {
    await write({ 'segments/bad.json': text, 'segments/good.json': '{}' });
    const { definitions, faults } = await readFolder(folder);
    expect(definitions.map(({ key }) => key)).toEqual(['good']);
    expect(faults).toMatchObject([{ file: 'segments/bad.json', code: 'unreadable', message }]);
  });

  it('says which two files have one key, which two kinds may have', async () => {
    await write({
      'segments/a.json': '{"key":"vip"}',
      'segments/b.json': '{"key":"vip"}',
      'journeys/vip.json': '{}',
    });
    const { faults } = await readFolder(folder);
    expect(faults).toMatchObject([
      { file: 'segments/b.json', path: 'key', code: 'repeated_key', severity: 'error' },
    ]);
    expect(faults[0]?.message).toContain('segments/a.json');
  });

  it('that holds nothing is a wrong call', async () => {
    await expect(readFolder(folder)).rejects.toMatchObject({ exit: 2 });
    await expect(readFolder(join(folder, 'nowhere'))).rejects.toMatchObject({ exit: 2 });
  });
});

describe('the order of applying', () => {
  const segment = (key: string, needs: readonly string[] = []): DefinitionFile => ({
    kind: 'segments',
    key,
    file: `segments/${key}.json`,
    body: {
      key,
      name: key,
      condition: {
        all: [{ trait: 'plan', op: 'exists' }, ...needs.map((name) => ({ segment: name }))],
      },
    },
  });
  const keysOf = (files: readonly DefinitionFile[]): string[] => files.map(({ key }) => key);

  it('goes by kind: what may be named stands before what names it', () => {
    const one = (kind: DefinitionFile['kind']): DefinitionFile => ({
      kind,
      key: kind,
      file: `${kind}/x.json`,
      body: {},
    });
    const shuffled = [...KINDS].reverse().map(one);
    expect(inApplyOrder(shuffled).map(({ kind }) => kind)).toEqual([...KINDS]);
  });

  it('puts segments before those that name them, whatever their names', () => {
    const files = [segment('a', ['c']), segment('b'), segment('c', ['d']), segment('d')];
    expect(keysOf(inApplyOrder(files))).toEqual(['d', 'c', 'a', 'b']);
  });

  it('keeps every file, once, also in a circle or with a name that is not there', () => {
    const circle = [segment('a', ['b']), segment('b', ['a']), segment('c', ['nowhere', 'c'])];
    expect(keysOf(inApplyOrder(circle)).sort()).toEqual(['a', 'b', 'c']);
  });

  it('never puts a segment before one that it needs, where there is no circle', () => {
    const names = ['a', 'b', 'c', 'd', 'e', 'f'];
    // Each may need only those that stand later in the list: no circle can arise.
    const graph = fc.tuple(...names.map((_, index) => fc.subarray(names.slice(index + 1))));
    const order = fc.shuffledSubarray(names, { minLength: names.length });
    fc.assert(
      fc.property(graph, order, (needs, shuffled) => {
        const files = shuffled.map((name) => segment(name, needs[names.indexOf(name)] ?? []));
        const applied = keysOf(inApplyOrder(files));
        for (const [index, name] of names.entries()) {
          for (const needed of needs[index] ?? [])
            expect(applied.indexOf(needed)).toBeLessThan(applied.indexOf(name));
        }
      }),
    );
  });
});
