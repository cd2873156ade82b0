/** The room of the connectors with what it needs to be compiled, linted and tested, somewhere else. */
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  realpathSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { REPO_ROOT } from '../../paths.js';
import { runToEnd } from '../../process.js';

const ROOMS = ['domain', 'connectors'];
const SETTINGS = [
  '.prettierrc.json',
  '.swcrc',
  'eslint.config.mjs',
  'jest.config.js',
  'package.json',
  'tsconfig.base.json',
  'tsconfig.json',
];
/** Without the servers, and wherever the machine keeps its temporary files. */
const JEST_CONFIG = `
  import base from './jest.config.js';
  const own = { globalSetup: undefined, globalTeardown: undefined, setupFiles: [] };
  const anywhere = { testPathIgnorePatterns: ['/node_modules/'], modulePathIgnorePatterns: [] };
  export default { ...base, ...own, ...anywhere };
`;

/** Other specs prove nothing about a new connector, and take their time. */
function filter(path: string): boolean {
  return !path.endsWith('.spec.ts') || path.endsWith('registry.spec.ts');
}

export function copyRoom(): string {
  const root = realpathSync(mkdtempSync(join(tmpdir(), 'throughline-room-')));
  for (const file of SETTINGS) cpSync(join(REPO_ROOT, file), join(root, file));
  writeFileSync(join(root, 'jest.unit.config.js'), JEST_CONFIG);
  for (const room of ROOMS) {
    for (const part of ['src', 'package.json', 'tsconfig.json']) {
      cpSync(join(REPO_ROOT, room, part), join(root, room, part), { recursive: true, filter });
    }
  }
  linkPackages(root);
  return root;
}

/** Everybody else's packages as they are; our own rooms from the copy. */
function linkPackages(root: string): void {
  const packages = join(root, 'node_modules');
  mkdirSync(join(packages, '@throughline'), { recursive: true });
  for (const name of readdirSync(join(REPO_ROOT, 'node_modules'))) {
    if (name === '@throughline' || name.startsWith('.')) continue;
    symlinkSync(join(REPO_ROOT, 'node_modules', name), join(packages, name));
  }
  for (const room of ROOMS) symlinkSync(join(root, room), join(packages, '@throughline', room));
}

/** What a program of the packages said when it found fault; nothing when it did not. */
export async function faultOf(
  root: string,
  [program, ...args]: readonly [string, ...string[]],
): Promise<string | undefined> {
  // The flags of the test run are not the program's.
  const env = { ...process.env, NODE_OPTIONS: '' };
  const result = await runToEnd({
    command: process.execPath,
    args: [
      '--experimental-vm-modules',
      '--disable-warning=ExperimentalWarning',
      join(root, 'node_modules', program),
      ...args,
    ],
    cwd: root,
    env,
    timeoutMs: 170_000,
  });
  if (result.kind === 'ended' && result.code === 0) return undefined;
  return result.kind === 'not_started' ? result.reason : `${result.stdout}\n${result.stderr}`;
}
