import type { ParsedEvent } from '@throughline/domain/ingestion';
import { isJsonObject } from '@throughline/domain/shared';
import { instant, type GroupWrite, type LaneWrites } from './lane-work.js';

/** What a group call says of the group itself; that its sender belongs to it is a trait of hers. */
export function takeGroup({ groups }: LaneWrites, event: ParsedEvent): void {
  if (event.type !== 'group') return;
  const { groupId, traits } = event.properties;
  if (typeof groupId !== 'string' || !isJsonObject(traits)) return;
  const group: GroupWrite = groups.get(groupId) ?? {
    group_id: groupId,
    traits: {},
    at: instant(event.ref.clock),
  };
  groups.set(groupId, group);
  for (const [name, v] of Object.entries(traits)) {
    const held = Object.hasOwn(group.traits, name) ? group.traits[name] : undefined;
    if (held === undefined || held.t <= event.eventTime)
      group.traits[name] = { v, t: event.eventTime };
  }
}
