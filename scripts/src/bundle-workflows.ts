/**
 * Bundles the workflows once, at build time, into the file that workers load. A warning of the
 * bundler fails the build: it is how code that must not run in a workflow first shows itself.
 */
import { bundleWorkflowCode, DefaultLogger } from '@temporalio/worker';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Failure } from './failure.js';
import { isProgram, runCommand } from './main.js';
import { REPO_ROOT } from './paths.js';
import { formatBytes } from './progress.js';

const BUILT_WORKFLOWS = join(REPO_ROOT, 'workflows', 'dist', 'index.js');
const SOURCE_WORKFLOWS = join(REPO_ROOT, 'workflows', 'src', 'index.ts');
export const BUNDLE_FILE = join(REPO_ROOT, 'workflows', 'dist', 'bundle.js');

/** From the built files: what `npm run build` ships. */
export function bundleFromBuild(workflowsPath = BUILT_WORKFLOWS): Promise<string> {
  return bundle(workflowsPath, []);
}

/** From the sources, through the rooms' own export condition: for tests, which need no build. */
export function bundleFromSource(workflowsPath = SOURCE_WORKFLOWS): Promise<string> {
  return bundle(workflowsPath, ['throughline-source']);
}

async function bundle(workflowsPath: string, conditions: readonly string[]): Promise<string> {
  const warnings: string[] = [];
  const { code } = await bundleWorkflowCode({
    workflowsPath,
    logger: new DefaultLogger('ERROR'),
    webpackConfigHook: (config) => ({
      ...config,
      resolve: {
        ...config.resolve,
        conditionNames: [...conditions, '...'],
        extensionAlias: { '.js': ['.ts', '.js'] },
      },
      plugins: [...(config.plugins ?? []), collectWarnings(warnings)],
    }),
  });
  if (warnings.length === 0) return code;
  throw new Failure({
    code: 'bundle_warning',
    sentence: `Bundling ${workflowsPath} gave ${warnings.length} warning(s).`,
    command: 'npm run build',
    details: warnings,
  });
}

/** As much of webpack as is needed here; it is the SDK's dependency, not ours. */
interface Compiler {
  readonly hooks: {
    readonly done: { tap(name: string, listen: (stats: CompilationStats) => void): void };
  };
}

interface CompilationStats {
  readonly compilation: { readonly warnings: readonly { readonly message: string }[] };
}

function collectWarnings(warnings: string[]): { apply: (compiler: Compiler) => void } {
  return {
    apply: (compiler) => {
      compiler.hooks.done.tap('collect-warnings', (stats) => {
        warnings.push(...stats.compilation.warnings.map((warning) => warning.message));
      });
    },
  };
}

if (isProgram(import.meta.url)) {
  await runCommand(async () => {
    const code = await bundleFromBuild();
    await writeFile(BUNDLE_FILE, code);
    process.stdout.write(`workflow bundle: ${formatBytes(code.length)}\n`);
    return 0;
  });
}
