import { Command, CommanderError } from 'commander';
import { CallFailed, createApi, type Api } from './api.js';
import { apply } from './commands/apply.js';
import { doctor } from './commands/doctor.js';
import { importFile } from './commands/import-file.js';
import { send } from './commands/send.js';
import { validate } from './commands/validate.js';
import type { Config } from './config.js';
import { EXIT, type ExitCode } from './exit-codes.js';
import { addJourneyCommands } from './journey-commands.js';
import { print, type Outcome, type Output } from './outcome.js';
import { addPlaybookCommands } from './playbook-commands.js';
import { addProfileCommands } from './profile-commands.js';
import { progressTo } from './progress.js';

export interface Surroundings {
  readonly config: Config;
  readonly stdin: AsyncIterable<Buffer | string>;
  readonly stdout: Output;
  readonly stderr: Output;
}

const EPILOGUE = `
Settings: THROUGHLINE_URL, THROUGHLINE_KEY (manages), THROUGHLINE_WRITE_KEY (sends), THROUGHLINE_SECRET_<NAME>.
Exit codes: 0 done · 1 faults found or refused · 2 wrong call or settings · 3 server unreachable.`;

/** Runs one command line and says how it ended. Nothing here ends the process. */
export async function run(args: readonly string[], surroundings: Surroundings): Promise<ExitCode> {
  const { stdout, stderr } = surroundings;
  let exit: ExitCode = EXIT.ok;
  const program = new Command('throughline')
    .description('Throughline from a terminal')
    .exitOverride()
    .configureOutput({
      writeOut: (text) => {
        stdout.write(text);
      },
      writeErr: (text) => {
        stderr.write(text);
      },
    })
    .option('--json', 'one line of JSON instead of sentences')
    .addHelpText('after', EPILOGUE);
  const isJson = (): boolean => program.opts<{ json?: boolean }>().json === true;
  const end = (outcome: Outcome): void => {
    print(outcome, { json: isJson(), output: stdout });
    exit = outcome.exit;
  };
  addCommands(program, surroundings, end);
  const api = (): Api => managing(surroundings.config);
  addProfileCommands(program, { api, isJson, output: stdout }, end);
  try {
    await program.parseAsync(args, { from: 'user' });
    return exit;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
    if (!(error instanceof CallFailed)) throw error;
    const { message, problem, exit: failed } = error;
    if (isJson()) stdout.write(`${JSON.stringify({ error: message, problem })}\n`);
    else stderr.write(`${message}\n`);
    return failed;
  }
}

interface ApplyFlags {
  readonly dryRun?: boolean;
  readonly confirm?: boolean;
}

function addCommands(
  program: Command,
  { config, stdin, stderr }: Surroundings,
  end: (outcome: Outcome) => void,
): void {
  addDefinitionCommands(program, config, end);
  program
    .command('send <file>')
    .description('send events from a JSON or NDJSON file, or - for what is piped in')
    .action(async (from: string) => {
      end(await send({ from, input: stdin, api: sending(config) }));
    });
  program
    .command('import <file>')
    .description('upload a CSV or NDJSON file, packed with gzip or not')
    .requiredOption('--kind <kind>', 'customers, events or orders')
    .requiredOption('--mapping <key>', 'a published mapping')
    .option('--format <format>', "csv or ndjson; default: as the file's name ends")
    .option('--start-journeys', 'its events start journeys; else they only end waits')
    .option('--rerun', 'though the same content was imported before')
    .option('--watch', 'wait until the last row is decided, and show how far it is')
    .action(async (file: string, given: ImportFlags) => {
      const { kind, mapping, format, startJourneys, rerun, watch } = given;
      const isForPrograms = program.opts<{ json?: boolean }>().json === true;
      end(
        await importFile({
          file,
          kind,
          mapping,
          format,
          startJourneys: startJourneys === true,
          rerun: rerun === true,
          watch: watch === true,
          api: managing(config),
          progress: progressTo(isForPrograms ? null : stderr),
        }),
      );
    });
  addPlaybookCommands(program, { managed: () => managing(config), end });
  addJourneyCommands(program, { managed: () => managing(config), progress: stderr, end });
  program
    .command('doctor')
    .description('look whether the server and the key are in order')
    .action(async () => {
      const managed = config.key === undefined ? null : managing(config);
      end(await doctor({ url: config.url, open: createApi(config.url, null), managed }));
    });
}

function addDefinitionCommands(
  program: Command,
  config: Config,
  end: (outcome: Outcome) => void,
): void {
  program
    .command('apply <folder>')
    .description('put and publish the definitions of a folder')
    .option('--dry-run', 'say what would change, and change nothing')
    .option('--confirm', 'publish journeys that would send more than the workspace lets pass')
    .action(async (folder: string, { dryRun, confirm }: ApplyFlags) => {
      const api = managing(config);
      const flags = { dryRun: dryRun === true, confirm: confirm === true };
      end(await apply({ folder, ...flags, api, secret: config.secret }));
    });
  program
    .command('validate <folder>')
    .description('say what is wrong with the definitions of a folder, offline')
    .action(async (folder: string) => {
      end(await validate(folder));
    });
}

interface ImportFlags {
  readonly kind: string;
  readonly mapping: string;
  readonly format?: string;
  readonly startJourneys?: boolean;
  readonly rerun?: boolean;
  readonly watch?: boolean;
}

function managing({ url, key }: Config): Api {
  if (key === undefined) throw new CallFailed('THROUGHLINE_KEY is not set.', EXIT.usage);
  return createApi(url, `Bearer ${key}`);
}

function sending({ url, writeKey }: Config): Api {
  if (writeKey === undefined) throw new CallFailed('THROUGHLINE_WRITE_KEY is not set.', EXIT.usage);
  return createApi(url, `Basic ${Buffer.from(`${writeKey}:`).toString('base64')}`);
}
