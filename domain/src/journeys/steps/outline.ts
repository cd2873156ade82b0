import type { Condition } from '../../segments/types.js';
import type { Duration, Json } from '../../shared/index.js';
import type { Hours, Match } from '../types.js';

/**
 * What a step names: where it leads, what it listens to, what it needs. Read by the linter, by publishing and by whoever draws a
 * journey. Paths are those inside the step.
 */
export interface StepOutline {
  readonly edges: readonly Edge[];
  readonly branchIds: readonly Placed<'id', string>[];
  /** in the order in which they are tried */
  readonly matches: readonly Placed<'on', Match>[];
  readonly conditions: readonly Placed<'condition', Condition>[];
  readonly lengths: readonly Placed<'duration', Duration>[];
  readonly hours: readonly Placed<'hours', Hours>[];
  /** values in which `$path` may stand */
  readonly values: readonly Placed<'value', Json>[];
  readonly connection: string | null;
  readonly template: string | null;
  /** further ways that a message may take */
  readonly others: readonly { readonly connection: string; readonly template: string }[];
  /** speaks to the person, so that consent or a legal basis must be declared */
  readonly speaks: boolean;
  readonly restartsOnRepeat: boolean;
  readonly ends: boolean;
}

/** A step that this one leads to. */
export interface Edge {
  readonly path: string;
  readonly to: string;
  /** taken without time passing. Deliveries count as instant: a loop of them would send without end */
  readonly instant: boolean;
}

export type Placed<K extends string, V> = { readonly path: string } & { readonly [P in K]: V };

const BLANK: StepOutline = {
  edges: [],
  branchIds: [],
  matches: [],
  conditions: [],
  lengths: [],
  hours: [],
  values: [],
  connection: null,
  template: null,
  others: [],
  speaks: false,
  restartsOnRepeat: false,
  ends: false,
};

export function outline(parts: Partial<StepOutline>): StepOutline {
  return { ...BLANK, ...parts };
}

export function edge(path: string, to: string | undefined, instant: boolean): readonly Edge[] {
  return to === undefined ? [] : [{ path, to, instant }];
}
