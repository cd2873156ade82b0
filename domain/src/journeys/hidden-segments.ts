import { InvariantBroken } from '../shared/index.js';
import type { SegmentDefinition } from '../segments/types.js';
import { matchesOf } from './references.js';
import type { ConditionMatch, JourneyDefinition, Match, SegmentMatch, Step } from './types.js';

/**
 * Conditions that a journey waits for, is left by or won by. Whether one begins to hold is for whoever keeps memberships to say, so
 * each becomes a segment of its own that nobody sees, and the journey listens for people who enter it. The key names version and
 * place: people in flight keep the condition that they came in under. No segment of a user begins with `_`.
 */
export function hiddenSegmentsOf(
  definition: JourneyDefinition,
  version: number,
): readonly SegmentDefinition[] {
  return placed(definition).map(({ path, on }, index) => ({
    key: hiddenKey(definition, version, index),
    name: `${definition.name}: ${path}`,
    condition: on.when,
  }));
}

/** The journey as it runs: its waits, exits and goals listen to hidden segments where they name conditions. */
export function withHiddenSegments(
  definition: JourneyDefinition,
  version: number,
): JourneyDefinition {
  const found = placed(definition);
  if (found.length === 0) return definition;
  const keys = new Map(
    found.map(({ path }, index) => [path, hiddenKey(definition, version, index)]),
  );
  const { steps, exits, goals } = definition;
  return {
    ...definition,
    steps: Object.fromEntries(
      Object.entries(steps).map(([id, step]) => [id, resolvedStep(step, `steps.${id}`, keys)]),
    ),
    exits: exits.map(({ id, reason, ...match }, index) => ({
      ...resolved(match, `exits.${index}`, keys),
      id,
      ...(reason === undefined ? {} : { reason }),
    })),
    goals: goals.map(({ id, window, ...match }, index) => ({
      ...resolved(match, `goals.${index}`, keys),
      id,
      ...(window === undefined ? {} : { window }),
    })),
  };
}

function hiddenKey({ key }: JourneyDefinition, version: number, index: number): string {
  return `_${key}.${version}.${index + 1}`;
}

/** By path: a definition that has been stored has lost the order in which its steps were written. */
function placed(
  definition: JourneyDefinition,
): readonly { readonly path: string; readonly on: ConditionMatch }[] {
  return matchesOf(definition)
    .flatMap(({ path, on }) => (on.kind === 'condition' ? [{ path, on }] : []))
    .sort((a, b) => (a.path < b.path ? -1 : 1));
}

function resolvedStep(step: Step, path: string, keys: ReadonlyMap<string, string>): Step {
  if (step.kind !== 'waitFor') return step;
  const branches = step.branches.map((branch, index) => ({
    ...branch,
    on: resolved(branch.on, `${path}.branches.${index}.on`, keys),
  }));
  return { ...step, branches };
}

function resolved(
  match: Match,
  path: string,
  keys: ReadonlyMap<string, string>,
): Exclude<Match, ConditionMatch> {
  if (match.kind !== 'condition') return match;
  const segment = keys.get(path);
  if (segment === undefined) throw new InvariantBroken(`no hidden segment for ${path}`);
  return { kind: 'segment', segment, on: 'entered' } satisfies SegmentMatch;
}
