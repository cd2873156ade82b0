/** `npm run new:connector <name>`: a connector that type-checks and whose tests pass, to be made into the real one. */
import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Failure } from './failure.js';
import { isProgram, runCommand } from './main.js';
import { badName, namesOf } from './new-connector/names.js';
import { registerIn, registerInSpec } from './new-connector/register.js';
import { renderConnector } from './new-connector/render.js';
import { REPO_ROOT } from './paths.js';
import { faultIn, runToEnd } from './process.js';

const CONNECTORS = 'connectors/src';
const REGISTRY = `${CONNECTORS}/registry/index.ts`;
const REGISTRY_SPEC = `${CONNECTORS}/registry/registry.spec.ts`;

/** Everything is worked out before anything is written. Returns the paths that were written, from the root. */
export async function newConnector(name: string, root = REPO_ROOT): Promise<readonly string[]> {
  const names = namesOf(name);
  const folder = `${CONNECTORS}/${names.key}`;
  if (existsSync(join(root, folder))) {
    throw badName(`There is a connector "${names.key}" already.`, `It lies in ${folder}.`);
  }
  const read = (path: string): Promise<string> => readFile(join(root, path), 'utf8');
  const files = [
    ...renderConnector(names).map(({ path, text }) => ({ path: `${folder}/${path}`, text })),
    { path: REGISTRY, text: registerIn(await read(REGISTRY), names) },
    { path: REGISTRY_SPEC, text: registerInSpec(await read(REGISTRY_SPEC), names) },
  ];
  await mkdir(join(root, folder));
  for (const { path, text } of files) await writeFile(join(root, path), text);
  const paths = files.map(({ path }) => path);
  await format(paths, root);
  return paths;
}

/** A longer name breaks lines in other places. */
async function format(paths: readonly string[], root: string): Promise<void> {
  const prettier = join(root, 'node_modules', 'prettier', 'bin', 'prettier.cjs');
  const result = await runToEnd({
    command: process.execPath,
    args: [prettier, '--write', '--log-level', 'warn', ...paths],
    cwd: root,
    timeoutMs: 60_000,
  });
  const fault = faultIn(result);
  if (fault === undefined) return;
  throw new Failure({
    code: 'command_failed',
    sentence: 'The new files are written, but could not be formatted.',
    command: `npx prettier --write ${CONNECTORS}`,
    details: [fault],
  });
}

async function main([name = '', ...rest]: readonly string[]): Promise<number> {
  if (rest.length > 0) throw badName('A connector has one name.', `These are several: ${name} …`);
  const paths = await newConnector(name);
  const folder = `${CONNECTORS}/${name}`;
  process.stdout.write(
    [
      'Written:',
      ...paths.map((path) => `  ${path}`),
      'Next:',
      '  npx tsc -p tsconfig.json --noEmit',
      `  npm run jest -- -c jest.unit.config.js ${folder}`,
      `  npx eslint ${folder}`,
      'How to go on: docs/guides/add-a-connector.md',
      '',
    ].join('\n'),
  );
  return 0;
}

if (isProgram(import.meta.url)) await runCommand(() => main(process.argv.slice(2)));
