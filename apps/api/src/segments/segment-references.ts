import type { Fault } from '@throughline/domain/shared';
import type { Condition, SegmentDefinition } from '@throughline/domain/segments';
import type { Queryable } from '@throughline/store/shared';
import { readLiveDefinitions } from '@throughline/store/workspaces';

export interface InTransaction {
  readonly client: Queryable;
  readonly workspaceId: string;
}

/** A segment may name others only once they are live, and never itself. */
export async function unknownSegments(
  { client, workspaceId }: InTransaction,
  segment: SegmentDefinition,
): Promise<Fault[]> {
  const named = segmentsIn(segment.condition, 'condition');
  if (named.length === 0) return [];
  const live = await readLiveDefinitions(client, workspaceId, ['segment']);
  const known = new Set(live.map(({ key }) => key));
  known.delete(segment.key);
  return named
    .filter(({ segment: key }) => !known.has(key))
    .map(({ path, segment: key }) => ({
      path,
      code: key === segment.key ? 'refers_to_itself' : 'unknown_segment',
      message:
        key === segment.key
          ? 'a segment cannot depend on itself'
          : `there is no live segment ${key}`,
    }));
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
