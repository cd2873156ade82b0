import { SegmentDefinitionSchema } from '@throughline/domain/segments/schemas';
import { segmentsIn } from './check-folder.js';
import { KINDS, type DefinitionFile } from './read-folder.js';

/** Connections, templates, segments, journeys; among segments, those that others name come first. Of a circle, any order. */
export function inApplyOrder(definitions: readonly DefinitionFile[]): DefinitionFile[] {
  return KINDS.flatMap((kind) => {
    const ofKind = definitions.filter((definition) => definition.kind === kind);
    return kind === 'segments' ? byDependence(ofKind) : ofKind;
  });
}

function byDependence(segments: readonly DefinitionFile[]): DefinitionFile[] {
  const byKey = new Map(segments.map((segment) => [segment.key, segment]));
  const ordered = new Set<DefinitionFile>();
  const visiting = new Set<DefinitionFile>();
  const visit = (segment: DefinitionFile): void => {
    if (ordered.has(segment) || visiting.has(segment)) return;
    visiting.add(segment);
    for (const key of needsOf(segment)) {
      const needed = byKey.get(key);
      if (needed !== undefined) visit(needed);
    }
    ordered.add(segment);
  };
  segments.forEach(visit);
  return [...ordered];
}

function needsOf({ body }: DefinitionFile): string[] {
  const parsed = SegmentDefinitionSchema.safeParse(body);
  return parsed.success ? segmentsIn(parsed.data.condition) : [];
}
