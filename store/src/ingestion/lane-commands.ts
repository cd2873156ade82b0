import type { LogRow } from '@throughline/domain/ingestion';
import { assertNever, InvariantBroken } from '@throughline/domain/shared';
import type { Queryable } from '../shared/index.js';
import { erase, isEraseCommand, type EraseCommand } from './lane-command-erase.js';
import { isMergeCommand, merge, type MergeCommand } from './lane-command-merge.js';
import { isUnmergeCommand, unmerge, type UnmergeCommand } from './lane-command-unmerge.js';
import type { LaneDefinitions } from './lane-definitions.js';
import { noWrites, type LaneWrites } from './lane-work.js';

/** Inputs of the lane that are no events: each is applied alone, in log order, by the holder of the lane. */
export type LaneCommand = { readonly kind: 'none' } | MergeCommand | UnmergeCommand | EraseCommand;

export interface CommandContext {
  readonly workspaceId: string;
  readonly definitions: LaneDefinitions;
  readonly row: LogRow;
}

/** Carries one command out inside the lane's transaction. A command whose subject is gone by now does nothing. */
export async function applyCommand(
  client: Queryable,
  context: CommandContext,
): Promise<LaneWrites> {
  const command = readCommand(context.row);
  switch (command.kind) {
    case 'none':
      return noWrites();
    case 'merge':
      await merge(client, context, command);
      return noWrites();
    case 'unmerge':
      await unmerge(client, context, command);
      return noWrites();
    case 'erase':
      await erase(client, context, command);
      return noWrites();
    default:
      return assertNever(command);
  }
}

/** Commands are written by us only, so one that cannot be read is our bug and stops the lane. */
function readCommand({ body }: LogRow): LaneCommand {
  const value: unknown = JSON.parse(body ?? 'null');
  if (isCommand(value)) return value;
  throw new InvariantBroken('the log holds a command that nobody knows');
}

function isCommand(value: unknown): value is LaneCommand {
  if (isMergeCommand(value) || isUnmergeCommand(value) || isEraseCommand(value)) return true;
  return typeof value === 'object' && value !== null && 'kind' in value && value.kind === 'none';
}
