import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { StepSchema } from '@throughline/domain/journeys/schemas';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { newConnector } from '../new-connector.js';
import { REPO_ROOT } from '../paths.js';
import { faultIn, runToEnd } from '../process.js';
import { copyRoom, faultOf } from './testing/room-copy.js';

/** The guide to connectors, run word by word in a copy of the room. */
const GUIDE = readFileSync(join(REPO_ROOT, 'docs/guides/add-a-connector.md'), 'utf8');
/** Compilers are slow on a busy machine, and none of them is waited for longer than this. */
const SLOW_MS = 180_000;

function blocks(language: string): readonly string[] {
  const fence = new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\`$`, 'gm');
  return [...GUIDE.matchAll(fence)].map((match) => match[1] ?? '');
}

const commands = blocks('sh').flatMap((block) => block.trim().split('\n'));
const [connection, step] = blocks('json').map((block): unknown => JSON.parse(block));
let root: string;

beforeAll(() => {
  root = copyRoom();
});

afterAll(() => {
  rmSync(root, { recursive: true, force: true });
});

/** What a shell would start, from the copy's own packages; npm itself would install first. */
async function faultOfCommand(command: string): Promise<string | undefined> {
  const [program = '', ...args] = command.split(' ');
  const line = `${program} ${args.slice(0, 2).join(' ')}`;
  if (line.startsWith('npm run new:connector')) {
    await newConnector(args[2] ?? '', root);
    return undefined;
  }
  if (line === 'npm run jest') return faultOf(root, ['jest/bin/jest.js', ...args.slice(3)]);
  if (line.startsWith('npx tsc ')) return faultOf(root, ['typescript/bin/tsc', ...args.slice(1)]);
  if (line.startsWith('npx eslint '))
    return faultOf(root, ['eslint/bin/eslint.js', ...args.slice(1)]);
  if (line.startsWith('git apply ')) {
    return faultIn(await runToEnd({ command: program, args, cwd: root, timeoutMs: 10_000 }));
  }
  return `the guide has a command that this test does not know: ${command}`;
}

describe('the guide to connectors', () => {
  it('has one change, under the name by which it is applied', () => {
    const [patch = '', ...others] = blocks('diff');
    expect(others).toEqual([]);
    expect(GUIDE).toContain('Save this as `acme.patch`');
    writeFileSync(join(root, 'acme.patch'), patch);
  });

  it('ends with every gate at once, which a test of ours is run by', () => {
    expect(commands.at(-1)).toBe('npm run check');
    expect(commands.length).toBe(7);
  });

  it.each(commands.slice(0, -1))(
    '%s',
    async (command) => {
      expect(await faultOfCommand(command)).toBeUndefined();
    },
    SLOW_MS,
  );

  it('shows a step that is one', () => {
    expect(StepSchema.safeParse(step)).toMatchObject({ success: true });
  });

  it('shows a connection to the connector that it has made', () => {
    const key = commands[0]?.split(' ').at(-1);
    const shown = z.object({ key: z.string(), connector: z.literal(key ?? '') }).parse(connection);
    expect(step).toMatchObject({ connection: shown.key, action: 'event' });
  });

  it('names the models and the pieces that there are', () => {
    const models = [...GUIDE.matchAll(/The model is `([a-z0-9-]+)`/g)].map(
      (match) => match[1] ?? '',
    );
    expect(models.length).toBeGreaterThan(3);
    const registry = readFileSync(join(REPO_ROOT, 'connectors/src/registry/index.ts'), 'utf8');
    for (const model of models) expect(registry).toContain(`'../${model}/index.js'`);
  });
});
