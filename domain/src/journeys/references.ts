import type { Condition } from '../segments/types.js';
import { outlineOf } from './steps/index.js';
import type { Placed, StepOutline } from './steps/outline.js';
import type { JourneyDefinition, Match } from './types.js';

/** A step's outline with its paths made those of the whole definition. */
export interface PlacedOutline extends StepOutline {
  readonly id: string;
  readonly path: string;
}

export function outlinesOf(definition: JourneyDefinition): readonly PlacedOutline[] {
  return Object.entries(definition.steps).map(([id, step]) => {
    const path = `steps.${id}`;
    const under = <T extends { readonly path: string }>(list: readonly T[]): readonly T[] =>
      list.map((item) => ({ ...item, path: `${path}.${item.path}` }));
    const { edges, branchIds, matches, conditions, lengths, hours, values, ...rest } =
      outlineOf(step);
    return {
      ...rest,
      id,
      path,
      edges: under(edges),
      branchIds: under(branchIds),
      matches: under(matches),
      conditions: under(conditions),
      lengths: under(lengths),
      hours: under(hours),
      values: under(values),
    };
  });
}

/** All conditions of a journey: what they count and look up must exist before it is live. */
export function conditionsOf(
  definition: JourneyDefinition,
): readonly Placed<'condition', Condition>[] {
  return [
    ...outlinesOf(definition).flatMap(({ conditions }) => conditions),
    ...matchesOf(definition).flatMap(({ path, on }) =>
      on.kind === 'condition' ? [{ path: `${path}.when`, condition: on.when }] : [],
    ),
  ];
}

/** What a journey listens to after its trigger: waits, exits, goals. */
export function matchesOf(definition: JourneyDefinition): readonly Placed<'on', Match>[] {
  return [
    ...outlinesOf(definition).flatMap(({ matches }) => matches),
    ...definition.exits.map((on, index) => ({ path: `exits.${index}`, on })),
    ...definition.goals.map((on, index) => ({ path: `goals.${index}`, on })),
  ];
}

/** Every segment that a journey names, with the place that names it. */
export function segmentsOf(definition: JourneyDefinition): readonly Placed<'segment', string>[] {
  const { trigger } = definition;
  const own =
    trigger.kind === 'segment' ? [{ path: 'trigger.segment', segment: trigger.segment }] : [];
  const matched = matchesOf(definition).flatMap(({ path, on }) =>
    on.kind === 'segment' ? [{ path: `${path}.segment`, segment: on.segment }] : [],
  );
  const tested = conditionsOf(definition).flatMap(({ path, condition }) =>
    segmentsIn(condition).map((segment) => ({ path, segment })),
  );
  return [...own, ...matched, ...tested];
}

function segmentsIn(condition: Condition): readonly string[] {
  if ('all' in condition) return condition.all.flatMap(segmentsIn);
  if ('any' in condition) return condition.any.flatMap(segmentsIn);
  if ('not' in condition) return segmentsIn(condition.not);
  return 'segment' in condition ? [condition.segment] : [];
}
