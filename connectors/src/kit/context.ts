/** What a connector gets from its surroundings. Clock, ids and the way out are handed in, so that every connector runs against a capture server in a test. */
import type { TokenStore } from './access-token.js';
import type { Egress } from './egress.js';
import type { Pacer } from './pacer.js';

export interface ConnectorLog {
  debug(fields: Readonly<Record<string, unknown>>, message: string): void;
  warn(fields: Readonly<Record<string, unknown>>, message: string): void;
}

export interface RunContext {
  /** The only way out: it refuses private addresses unless its policy allows them. */
  readonly egress: Egress;
  readonly now: () => number;
  readonly newId: () => string;
  /** Gets names, counts and codes; never settings, addresses or bodies. */
  readonly log: ConnectorLog;
  /** Replaces scheme, host and port of every request: tests, regional hosts. */
  readonly baseUrlOverride?: string;
  readonly signal?: AbortSignal;
  /** Which connection this is; what is kept per connection goes by it. */
  readonly connection?: string;
  /** Keeps every connection to its pace; without it nobody waits. */
  readonly pacer?: Pacer;
  /** Of this connection; without it a token is made for every call. */
  readonly tokens?: TokenStore;
}

/** What the pure parts of an action may know. */
export interface BuildContext<Settings> {
  readonly settings: Settings;
  readonly nowMs: number;
}
