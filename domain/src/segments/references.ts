import type { Fault } from '../shared/index.js';
import { leavesOf } from './leaves.js';
import type { Condition, SegmentDefinition } from './types.js';

/** Segments may ask for other segments, but never, however far round, for themselves. */

/** Keys of the segments that a condition asks for, once each. */
export function referencesOf(condition: Condition): ReadonlySet<string> {
  const keys = new Set<string>();
  for (const leaf of leavesOf(condition)) if ('segment' in leaf) keys.add(leaf.segment);
  return keys;
}

/** What is wrong between segments: repeated keys, unknown references, cycles. */
export function segmentFaults(definitions: readonly SegmentDefinition[]): Fault[] {
  const faults: Fault[] = [];
  const known = new Set<string>();
  for (const { key } of definitions) {
    if (known.has(key))
      faults.push({ path: key, code: 'repeated_key', message: `two segments have the key ${key}` });
    known.add(key);
  }
  for (const { key, condition } of definitions) {
    for (const wanted of referencesOf(condition)) {
      if (known.has(wanted)) continue;
      faults.push({
        path: `${key}.condition`,
        code: 'unknown_segment',
        message: `there is no segment ${wanted}`,
      });
    }
  }
  const ordered = new Set(sortByReference(definitions).map(({ key }) => key));
  const circling = definitions.filter(({ key }) => !ordered.has(key));
  for (const { key } of circling.filter((definition) =>
    reaches(definition.key, definition.key, circling),
  )) {
    faults.push({
      path: `${key}.condition`,
      code: 'segment_cycle',
      message: `${key} asks, by way of others, for itself`,
    });
  }
  return faults;
}

/** Dependencies first, else as given; members of a cycle and what builds on them are left out. */
export function sortByReference(definitions: readonly SegmentDefinition[]): SegmentDefinition[] {
  const missing = new Map<SegmentDefinition, Set<string>>();
  const keys = new Set(definitions.map(({ key }) => key));
  for (const definition of definitions) {
    const wanted = [...referencesOf(definition.condition)].filter((key) => keys.has(key));
    missing.set(definition, new Set(wanted));
  }
  const sorted: SegmentDefinition[] = [];
  let ready = definitions.filter((definition) => missing.get(definition)?.size === 0);
  while (ready.length > 0) {
    sorted.push(...ready);
    const done = new Set(ready.map(({ key }) => key));
    for (const definition of ready) missing.delete(definition);
    ready = [];
    for (const [definition, wanted] of missing) {
      for (const key of done) wanted.delete(key);
      if (wanted.size === 0) ready.push(definition);
    }
  }
  return sorted;
}

/** Keys of the segments that ask for this one, straight or by way of others: who is affected when it changes or goes. */
export function dependents(
  definitions: readonly SegmentDefinition[],
  key: string,
): readonly string[] {
  return definitions
    .filter((definition) => reaches(definition.key, key, definitions))
    .map((definition) => definition.key);
}

function reaches(from: string, to: string, definitions: readonly SegmentDefinition[]): boolean {
  const byKey = new Map(definitions.map((definition) => [definition.key, definition]));
  const seen = new Set<string>();
  const open = [from];
  for (let key = open.pop(); key !== undefined; key = open.pop()) {
    const definition = byKey.get(key);
    if (definition === undefined || seen.has(key)) continue;
    seen.add(key);
    const wanted = referencesOf(definition.condition);
    if (wanted.has(to)) return true;
    open.push(...wanted);
  }
  return false;
}
