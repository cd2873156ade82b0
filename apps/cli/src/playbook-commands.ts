import { InvalidArgumentError, type Command } from 'commander';
import type { Api } from './api.js';
import { installPlaybook } from './commands/install-playbook.js';
import { listPlaybooks, showPlaybook, testPlaybook } from './commands/playbook.js';
import type { Outcome } from './outcome.js';

interface PlaybookCommands {
  readonly managed: () => Api;
  readonly end: (outcome: Outcome) => void;
}

type Set = Readonly<Record<string, string>>;

interface InstallFlags {
  readonly set: Set;
  readonly dryRun?: boolean;
  readonly replace?: boolean;
  readonly publish?: boolean;
}

/** Journeys that come with the product, with their segments, mails and tests. */
export function addPlaybookCommands(program: Command, { managed, end }: PlaybookCommands): void {
  const playbook = program.command('playbook').description('journeys that come with the product');
  playbook
    .command('list')
    .description('which there are')
    .action(async () => {
      end(await listPlaybooks());
    });
  playbook
    .command('show <name>')
    .description('what it makes, needs and can be set to')
    .option('--set <key=value>', 'a setting; may be repeated', setting, {})
    .action(async (name: string, { set }: { readonly set: Set }) => {
      end(await showPlaybook(name, set));
    });
  playbook
    .command('test <name>')
    .description('run its tests in virtual time; needs no server')
    .action(async (name: string) => {
      end(await testPlaybook(name));
    });
  addInstall(playbook, { managed, end });
}

function addInstall(playbook: Command, { managed, end }: PlaybookCommands): void {
  playbook
    .command('install <name>')
    .description('put its definitions as drafts, and say what the workspace lacks')
    .option('--set <key=value>', 'a setting; may be repeated', setting, {})
    .option('--dry-run', 'say what would be put, and put nothing')
    .option('--replace', 'put anew what is there already and differs')
    .option('--publish', 'make segments and journeys live as well')
    .action(async (name: string, { set, dryRun, replace, publish }: InstallFlags) => {
      const flags = {
        dryRun: dryRun === true,
        replace: replace === true,
        publish: publish === true,
      };
      end(await installPlaybook({ name, set, ...flags, api: managed() }));
    });
}

function setting(text: string, earlier: Set): Set {
  const at = text.indexOf('=');
  if (at < 1) throw new InvalidArgumentError('write key=value');
  return { ...earlier, [text.slice(0, at)]: text.slice(at + 1) };
}
