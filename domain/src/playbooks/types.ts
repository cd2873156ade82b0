/** A playbook is a journey with all that it needs, written once for many shops: definitions with holes, and what may fill them. */
export interface Playbook {
  readonly key: string;
  readonly name: string;
  readonly summary: string;
  readonly parameters: Readonly<Record<string, Parameter>>;
  readonly needs: Needs;
  /** what the pattern has elsewhere and this one does not, in sentences */
  readonly leftOut: readonly string[];
}

/** `text` is a word that is seen or compared: an event's name, a shop's name, an address on the web. */
export type ParameterKind = 'duration' | 'number' | 'text' | 'key' | 'time';

export interface Parameter {
  readonly title: string;
  readonly kind: ParameterKind;
  readonly default: string | number;
}

export type Settings = Readonly<Record<string, string | number>>;

/** What must come from the workspace itself. */
export interface Needs {
  readonly events: readonly NeededEvent[];
  /** without one of these the playbook does nothing, or says less */
  readonly traits: readonly string[];
  readonly connections: readonly string[];
  readonly couponPools: readonly string[];
}

export interface NeededEvent {
  readonly name: string;
  readonly properties: readonly string[];
}

/** What a workspace has; a list that could not be read is left out and nothing is said about it. */
export interface Present {
  readonly events?: ReadonlySet<string>;
  readonly traits?: ReadonlySet<string>;
  readonly connections?: ReadonlySet<string>;
  readonly couponPools?: ReadonlySet<string>;
}

export interface Missing {
  readonly kind: 'event' | 'trait' | 'connection' | 'couponPool';
  readonly name: string;
  /** what to do about it */
  readonly hint: string;
}
