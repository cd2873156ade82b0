import { checkJourney, type JourneyDefinition } from '@throughline/domain/journeys';
import type { Fault } from '@throughline/domain/shared';
import { readLiveDefinitions } from '@throughline/store/workspaces';
import type { InTransaction } from '../segments/segment-references.js';
import { checkActions } from './check-actions.js';

export interface LintFault extends Fault {
  readonly severity: 'error' | 'warning';
}

/** The linter of the domain over what is live in this workspace, and the actions of its connections. */
export async function lintJourney(
  { client, workspaceId }: InTransaction,
  journey: JourneyDefinition,
): Promise<LintFault[]> {
  const live = await readLiveDefinitions(client, workspaceId, [
    'segment',
    'template',
    'connection',
  ]);
  const keysOf = (kind: string): ReadonlySet<string> =>
    new Set(live.filter((one) => one.kind === kind).map(({ key }) => key));
  const connectors = new Map(
    live.flatMap(({ kind, key, body }) => {
      const connector = body['connector'];
      return kind === 'connection' && typeof connector === 'string'
        ? [[key, connector] as const]
        : [];
    }),
  );
  return [
    ...checkJourney(journey, {
      segments: keysOf('segment'),
      templates: keysOf('template'),
      connections: keysOf('connection'),
    }),
    ...checkActions(journey, connectors),
  ];
}

export function isError(fault: LintFault): boolean {
  return fault.severity === 'error';
}
