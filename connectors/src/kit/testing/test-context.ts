/** Surroundings for a connector under test: a fixed clock, counted ids, a log that is kept, and a way out to loopback. */
import type { RunContext } from '../context.js';
import { createEgress } from '../egress.js';
import type { EgressPolicy } from '../ssrf-guard.js';

export interface TestContext {
  readonly ctx: RunContext;
  /** Every line that was logged, as JSON. */
  readonly logged: readonly string[];
  readonly close: () => Promise<void>;
}

export const NOW_MS = Date.UTC(2026, 2, 14, 9, 26, 53);

export function testContext(
  over: Partial<Omit<RunContext, 'egress'>> = {},
  policy: EgressPolicy = { allowPrivateAddresses: true },
): TestContext {
  const logged: string[] = [];
  const keep = (fields: object, message: string): void => {
    logged.push(JSON.stringify({ ...fields, message }));
  };
  const egress = createEgress(policy);
  let ids = 0;
  return {
    ctx: {
      egress,
      now: () => NOW_MS,
      newId: () => `id-${(ids += 1)}`,
      log: { debug: keep, warn: keep },
      ...over,
    },
    logged,
    close: () => egress.close(),
  };
}
