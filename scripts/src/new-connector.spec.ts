import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { cpSync, existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { newConnector } from './new-connector.js';
import { copyRoom, faultOf } from './new-connector/testing/room-copy.js';

/** That it type-checks, that the linter is content and its tests pass is shown by the spec of the guide. */
const FOLDER = 'connectors/src/acme-mail';
let root: string;
let written: readonly string[];

beforeAll(async () => {
  root = copyRoom();
  written = await newConnector('acme-mail', root);
});

afterAll(() => {
  rmSync(root, { recursive: true, force: true });
});

function text(path: string): string {
  return readFileSync(join(root, path), 'utf8');
}

describe('a new connector', () => {
  it('is a folder of its own and two lists', () => {
    expect([...written].sort()).toEqual([
      `${FOLDER}/README.md`,
      `${FOLDER}/acme-mail.connector.spec.ts`,
      `${FOLDER}/acme-mail.settings.ts`,
      `${FOLDER}/event.action.spec.ts`,
      `${FOLDER}/event.action.ts`,
      `${FOLDER}/index.ts`,
      'connectors/src/registry/index.ts',
      'connectors/src/registry/registry.spec.ts',
    ]);
    for (const path of written) expect(text(path)).not.toMatch(/__[A-Za-z]+__(?!')/);
  });

  it('is formatted as everything is, however long its name', async () => {
    const longer = await newConnector('a-vendor-whose-name-is-really-quite-long', root);
    const args = ['--check', ...written, ...longer];
    expect(await faultOf(root, ['prettier/bin/prettier.cjs', ...args])).toBeUndefined();
  });
});

describe('a name that cannot be', () => {
  it.each([
    ['taken', 'acme-mail', 'There is a connector "acme-mail" already.'],
    ['taken by another connector', 'klaviyo', 'There is a connector "klaviyo" already.'],
    ['a folder of the room', 'kit', '"kit" cannot be the name of a connector.'],
    ['outside the room', '../acme', '"../acme" is not a name for a connector.'],
  ])('because it is %s writes nothing', async (_why, name, sentence) => {
    const before = text('connectors/src/registry/index.ts');
    await expect(newConnector(name, root)).rejects.toMatchObject({
      sentence,
      command: 'npm run new:connector acme-mail',
    });
    expect(text('connectors/src/registry/index.ts')).toBe(before);
  });

  it('is told before anything is written when the registry cannot be read', async () => {
    const broken = join(root, 'connectors/src/registry/index.ts');
    const kept = join(root, 'kept.ts');
    cpSync(broken, kept);
    rmSync(broken);
    await expect(newConnector('late', root)).rejects.toMatchObject({ code: 'ENOENT' });
    expect(existsSync(join(root, 'connectors/src/late'))).toBe(false);
    cpSync(kept, broken);
  });
});
