import type { MessageStep } from '../types.js';

/** One way that a message can take: a channel, who carries it there, and the template made for it. */
export interface Route {
  readonly channel: MessageStep['channel'];
  readonly connection: string;
  readonly template: string;
}

type Routed = Pick<MessageStep, 'channel' | 'connection' | 'connections' | 'template' | 'fallback'>;

/** In the order in which they are tried; one message goes out by one of them. */
export function routesOf(step: Routed): readonly Route[] {
  const { channel, template, fallback } = step;
  const connections = step.connections ?? (step.connection === undefined ? [] : [step.connection]);
  const own = connections.map((connection) => ({ channel, connection, template }));
  return fallback === undefined ? own : [...own, fallback];
}

/** The connection that is tried first. A definition that was parsed names one. */
export function firstConnection(step: Routed): string {
  return routesOf(step)[0]?.connection ?? '';
}
