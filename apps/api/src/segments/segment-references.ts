import type { Fault } from '@throughline/domain/shared';
import {
  segmentFaults,
  type Condition,
  type SegmentDefinition,
} from '@throughline/domain/segments';
import { SegmentDefinitionSchema } from '@throughline/domain/segments/schemas';
import type { Queryable } from '@throughline/store/shared';
import { readLiveDefinitions } from '@throughline/store/workspaces';

export interface InTransaction {
  readonly client: Queryable;
  readonly workspaceId: string;
}

/** A segment may name others only once they are live, and never, however far round, itself: the lane could not begin anywhere. */
export async function referenceFaults(
  { client, workspaceId }: InTransaction,
  segment: SegmentDefinition,
): Promise<Fault[]> {
  const named = segmentsIn(segment.condition, 'condition');
  if (named.length === 0) return [];
  const live = await readLiveDefinitions(client, workspaceId, ['segment']);
  const others = live.filter(({ key }) => key !== segment.key);
  const known = new Set(others.map(({ key }) => key));
  const unknown = named
    .filter(({ segment: key }) => !known.has(key))
    .map(({ path, segment: key }) => ({
      path,
      code: key === segment.key ? 'refers_to_itself' : 'unknown_segment',
      message:
        key === segment.key
          ? 'a segment cannot depend on itself'
          : `there is no live segment ${key}`,
    }));
  if (unknown.length > 0) return unknown;
  const all = others.map(({ body }) => SegmentDefinitionSchema.parse(body));
  return segmentFaults([...all, segment])
    .filter(({ code, path }) => code === 'segment_cycle' && path === `${segment.key}.condition`)
    .map((fault) => ({ ...fault, path: 'condition' }));
}

interface Named {
  readonly path: string;
  readonly segment: string;
}

function segmentsIn(condition: Condition, path: string): Named[] {
  if ('all' in condition)
    return condition.all.flatMap((inner, index) => segmentsIn(inner, `${path}.all.${index}`));
  if ('any' in condition)
    return condition.any.flatMap((inner, index) => segmentsIn(inner, `${path}.any.${index}`));
  if ('not' in condition) return segmentsIn(condition.not, `${path}.not`);
  return 'segment' in condition ? [{ path: `${path}.segment`, segment: condition.segment }] : [];
}
