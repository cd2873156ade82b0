import type { Command } from 'commander';
import { CallFailed, type Api } from './api.js';
import { customer } from './commands/customer.js';
import { tail } from './commands/tail.js';
import { EXIT } from './exit-codes.js';
import type { Outcome, Output } from './outcome.js';

interface TailFlags {
  readonly type?: string;
  readonly name?: string;
  readonly source?: string;
  readonly lines: string;
  readonly count?: string;
  readonly every: string;
}

export interface ProfileSurroundings {
  readonly api: () => Api;
  readonly isJson: () => boolean;
  readonly output: Output;
}

/** The commands that look at people and at what they do. */
export function addProfileCommands(
  program: Command,
  { api, isJson, output }: ProfileSurroundings,
  end: (outcome: Outcome) => void,
): void {
  program
    .command('customer <who>')
    .description('show a profile: by id, or by an identifier as type:value')
    .option('--as-of <time>', 'as it was then, such as 2026-01-31T12:00:00Z')
    .action(async (who: string, { asOf }: { asOf?: string }) => {
      end(await customer({ who, asOf, api: api() }));
    });
  program
    .command('tail')
    .description('follow the events of the workspace as they are applied')
    .option('--type <type>', 'track, identify, page, …')
    .option('--name <name>', 'name of the event')
    .option('--source <key>', 'key of a source')
    .option('--lines <n>', 'begin with so many that came before', '10')
    .option('--count <n>', 'end after so many events')
    .option('--every <seconds>', 'how often to ask where nothing comes', '1')
    .action(async ({ lines, count, every, type, name, source }: TailFlags) => {
      await tail({
        type,
        name,
        source,
        lines: Math.min(200, numberOf(lines, '--lines')),
        count: count === undefined ? undefined : numberOf(count, '--count'),
        every: numberOf(every, '--every'),
        json: isJson(),
        output,
        api: api(),
      });
    });
}

function numberOf(text: string, option: string): number {
  const number = Number(text);
  if (text.trim() !== '' && Number.isFinite(number) && number >= 0) return number;
  throw new CallFailed(`${option} takes a number.`, EXIT.usage);
}
