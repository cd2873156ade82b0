import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { bundleFromBuild, bundleFromSource } from './bundle-workflows.js';
import { VAR_DIR } from './paths.js';

let folder: string;

beforeAll(async () => {
  await mkdir(VAR_DIR, { recursive: true });
  // Inside the clone, so that `@temporalio/workflow` is found as it is for our own workflows.
  folder = await mkdtemp(join(VAR_DIR, 'bundle-'));
});

afterAll(() => rm(folder, { recursive: true, force: true }));

async function workflow(name: string, source: string): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, source);
  return path;
}

describe('bundling workflows', () => {
  it('works from the sources, with relative imports that end in .js', async () => {
    await workflow('greeting.ts', "export const GREETING: string = 'good morning';");
    const path = await workflow(
      'index.ts',
      `import { sleep } from '@temporalio/workflow';
       import { GREETING } from './greeting.js';
       export async function greet(): Promise<string> { await sleep(1); return GREETING; }`,
    );
    const code = await bundleFromSource(path);
    expect(code).toContain('good morning');
  });

  it('reads rooms through their sources, without a build', async () => {
    const path = await workflow(
      'contract-user.ts',
      `import { NAMESPACE } from '@throughline/workflows/contract';
       export async function name(): Promise<string> { return NAMESPACE; }`,
    );
    expect(await bundleFromSource(path)).toContain("NAMESPACE = 'throughline'");
  });

  it('works from built files', async () => {
    const path = await workflow('built.mjs', "export async function built() { return 'built'; }");
    expect(await bundleFromBuild(path)).toContain("return 'built'");
  });

  it('fails on a warning of the bundler', async () => {
    const path = await workflow(
      'warns.mjs',
      'export async function run(name) { return import(name); }',
    );
    await expect(bundleFromBuild(path)).rejects.toMatchObject({
      code: 'bundle_warning',
      details: [expect.stringContaining('the request of a dependency is an expression')],
    });
  });

  it('fails on a module that may not run in a workflow', async () => {
    const path = await workflow(
      'reads-files.mjs',
      "import { readFileSync } from 'fs'; export async function run() { return readFileSync('x'); }",
    );
    await expect(bundleFromBuild(path)).rejects.toThrow(/disallowed modules:\n\s+- 'fs'/);
  });
});
