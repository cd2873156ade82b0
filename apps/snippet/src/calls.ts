/** Pages call before the script is there: what they pushed until then is done when it comes, and later calls at once. */

type Call = readonly [name: string, ...args: readonly unknown[]];
export type Callable = Readonly<Record<string, (...args: readonly unknown[]) => unknown>>;

/** Does one call; what is none is passed over, since a page must not break over it. */
export function doCall(methods: Callable, call: unknown): unknown {
  if (!isCall(call)) return undefined;
  const [name, ...args] = call;
  return Object.hasOwn(methods, name) ? methods[name]?.(...args) : undefined;
}

/** In the order in which they were made, over whatever stands where the stub should be. */
export function doCalls(methods: Callable, calls: unknown): void {
  if (!Array.isArray(calls)) return;
  for (const call of Array.from<unknown>(calls)) doCall(methods, call);
}

function isCall(call: unknown): call is Call {
  return Array.isArray(call) && typeof call[0] === 'string';
}
