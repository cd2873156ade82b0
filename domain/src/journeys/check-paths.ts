import { findStep } from './lookup.js';
import { error, warning, type JourneyFault } from './journey-fault.js';
import type { PlacedOutline } from './references.js';
import type { JourneyDefinition } from './types.js';

/** The graph of a journey: dangling steps, unreachable ones, loops that take no time, and paths from which nothing leads out. */
export function checkPaths(
  definition: JourneyDefinition,
  outlines: readonly PlacedOutline[],
): readonly JourneyFault[] {
  const graph = new Map(outlines.map((step) => [step.id, step]));
  const reachable = closure([definition.start], (id) => targets(graph, id));
  return [
    ...unknownSteps(definition, outlines),
    ...outlines
      .filter(({ id }) => !reachable.has(id))
      .map(({ path, id }) =>
        warning(path, 'unreachable_step', `no path leads from the start to ${id}`),
      ),
    ...instantLoops(outlines, graph),
    ...deadEnds(definition, outlines, reachable),
  ];
}

type Graph = ReadonlyMap<string, PlacedOutline>;

function unknownSteps(
  definition: JourneyDefinition,
  outlines: readonly PlacedOutline[],
): readonly JourneyFault[] {
  const links = [
    { path: 'start', to: definition.start },
    ...outlines.flatMap(({ edges }) => edges),
  ];
  return links
    .filter(({ to }) => findStep(definition, to) === undefined)
    .map(({ path, to }) => error(path, 'unknown_step', `there is no step ${to}`));
}

/** One fault for each loop, at its first step. */
function instantLoops(outlines: readonly PlacedOutline[], graph: Graph): readonly JourneyFault[] {
  const told = new Set<string>();
  return outlines.flatMap(({ id, path }) => {
    const onward = closure(targets(graph, id, true), (step) => targets(graph, step, true));
    if (!onward.has(id) || told.has(id)) return [];
    for (const step of onward) told.add(step);
    return [error(path, 'loop_without_wait', `${id} leads back to itself without a wait`)];
  });
}

/** From every step that can be reached, an exit step must be reachable too; exit rules alone may never come. */
function deadEnds(
  { exits }: JourneyDefinition,
  outlines: readonly PlacedOutline[],
  reachable: ReadonlySet<string>,
): readonly JourneyFault[] {
  const sources = new Map<string, string[]>();
  for (const { id, edges } of outlines) {
    for (const { to } of edges) sources.set(to, [...(sources.get(to) ?? []), id]);
  }
  const ends = outlines.filter(({ ends: isEnd }) => isEnd).map(({ id }) => id);
  const leavers = closure(ends, (id) => sources.get(id) ?? []);
  const report = exits.length === 0 ? error : warning;
  return outlines
    .filter(({ id }) => reachable.has(id) && !leavers.has(id))
    .map(({ path, id }) => report(path, 'no_exit', `no path leads from ${id} to an exit step`));
}

function targets(graph: Graph, id: string, instantOnly = false): readonly string[] {
  const edges = graph.get(id)?.edges ?? [];
  return edges.filter(({ instant }) => instant || !instantOnly).map(({ to }) => to);
}

function closure(
  from: readonly string[],
  onward: (id: string) => readonly string[],
): ReadonlySet<string> {
  const seen = new Set<string>();
  const open = [...from];
  for (let id = open.pop(); id !== undefined; id = open.pop()) {
    if (seen.has(id)) continue;
    seen.add(id);
    open.push(...onward(id));
  }
  return seen;
}
