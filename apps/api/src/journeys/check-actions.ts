import { findConnector } from '@throughline/connectors/registry';
import { routesOf, type JourneyDefinition, type MessageStep } from '@throughline/domain/journeys';
import type { LintFault } from './lint.js';

/** Which steps ask a connection for something that its connector cannot do. Unknown connections are the linter's to say. */
export function checkActions(
  { steps }: JourneyDefinition,
  connectors: ReadonlyMap<string, string>,
): LintFault[] {
  return Object.entries(steps).flatMap(([id, step]) => {
    if (step.kind !== 'message' && step.kind !== 'sendToDestination') return [];
    if (step.kind === 'message') return checkRoutes(id, step, connectors);
    const connector = findConnector(connectors.get(step.connection) ?? '');
    if (connector === undefined) return [];
    if (!Object.hasOwn(connector.actions, step.action)) {
      const message = `${connector.name} has no action ${step.action}`;
      return [fault(`steps.${id}.action`, 'unknown_action', message)];
    }
    // Only a message step knows the address, and with it suppression, unsubscribing, quiet hours and caps.
    return connector.category === 'message'
      ? [fault(`steps.${id}.kind`, 'needs_message_step', 'messages to people are message steps')]
      : [];
  });
}

function checkRoutes(
  id: string,
  step: MessageStep,
  connectors: ReadonlyMap<string, string>,
): LintFault[] {
  return routesOf(step).flatMap(({ channel, connection }) => {
    const connector = findConnector(connectors.get(connection) ?? '');
    if (connector === undefined) return [];
    if (connector.channel === undefined)
      return [
        fault(`steps.${id}.connection`, 'not_a_channel', `${connector.name} sends no messages`),
      ];
    return connector.channel === channel
      ? []
      : [
          fault(
            `steps.${id}.channel`,
            'other_channel',
            `${connector.name} does not carry ${channel}`,
          ),
        ];
  });
}

function fault(path: string, code: string, message: string): LintFault {
  return { path, code, message, severity: 'error' };
}
