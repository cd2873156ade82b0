/** Ends a switch over a union: a new member is a compile error here, and a foreign value at run time a broken invariant. */
export function assertNever(value: never): never {
  throw new InvariantBroken(`unexpected value ${JSON.stringify(value)}`);
}

/** Something that cannot happen happened: our bug, never a user's mistake. */
export class InvariantBroken extends Error {
  override readonly name = 'InvariantBroken';
}
