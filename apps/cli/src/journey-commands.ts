import { InvalidArgumentError, type Command } from 'commander';
import type { Api } from './api.js';
import { explain } from './commands/explain.js';
import { simulate } from './commands/simulate.js';
import type { Outcome, Output } from './outcome.js';

export interface JourneyCommands {
  readonly managed: () => Api;
  readonly progress: Output;
  readonly end: (outcome: Outcome) => void;
}

/** Commands that ask what a journey would do, and what it did. */
export function addJourneyCommands(program: Command, around: JourneyCommands): void {
  addSimulate(program, around);
  addExplain(program, around);
}

interface SimulateFlags {
  readonly days: number;
  readonly max: number;
  readonly journeyVersion?: number;
}

function addSimulate(program: Command, { managed, progress, end }: JourneyCommands): void {
  program
    .command('simulate <journey>')
    .description('run a journey (a key, or a .json file) over real history; nothing is sent')
    .option('--days <days>', 'how much history', whole, 30)
    .option('--max <people>', 'at most so many people; of more, a sample', whole, 10_000)
    .option('--journey-version <version>', 'a published version instead of the draft', whole)
    .action(async (journey: string, { days, max, journeyVersion }: SimulateFlags) => {
      const version = journeyVersion ?? null;
      const api = managed();
      end(await simulate({ journey, days, maxCustomers: max, version, api, progress }));
    });
}

function addExplain(program: Command, { managed, end }: JourneyCommands): void {
  program
    .command('explain <customer>')
    .description('why somebody (an id, or type:value) is in a journey, or is not')
    .requiredOption('--journey <key>', 'the journey')
    .option('--at <time>', 'as it was then')
    .action(async (customer: string, { journey, at }: { journey: string; at?: string }) => {
      end(await explain({ customer, journey, at: at ?? null, api: managed() }));
    });
}

function whole(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError('must be a whole number');
  return Number(text);
}
