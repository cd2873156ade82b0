/** What a workspace lacks of what a playbook needs: told before anything is put, so that nobody waits for events that never come. */
import type { Missing, Needs, Present } from './types.js';

export function missingFor(needs: Needs, present: Present): readonly Missing[] {
  return [
    ...needs.events
      .filter(({ name }) => lacks(present.events, name))
      .map(({ name, properties }) => ({
        kind: 'event' as const,
        name,
        hint: `never seen: send it${properties.length === 0 ? '' : ` with ${properties.join(', ')}`}`,
      })),
    ...lacking('trait', needs.traits, present.traits),
    ...lacking('connection', needs.connections, present.connections),
    ...lacking('couponPool', needs.couponPools, present.couponPools),
  ];
}

const HINTS = {
  trait: 'nobody has it: identify people with it',
  connection: 'put a connection of this key',
  couponPool: 'make the pool and upload codes',
} as const;

function lacking(
  kind: keyof typeof HINTS,
  names: readonly string[],
  present: ReadonlySet<string> | undefined,
): Missing[] {
  const hint = HINTS[kind];
  return names.filter((name) => lacks(present, name)).map((name) => ({ kind, name, hint }));
}

function lacks(present: ReadonlySet<string> | undefined, name: string): boolean {
  return present !== undefined && !present.has(name);
}
