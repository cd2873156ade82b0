/** What a rung of the ladder is given and what it answers. */
import type { Reporter } from '../progress.js';

export type FoundTemporal =
  | { readonly kind: 'address'; readonly address: string }
  | {
      readonly kind: 'binary';
      readonly path: string;
      readonly version: string;
      readonly how: string;
    };

export interface LadderContext {
  readonly env: NodeJS.ProcessEnv;
  readonly report: Reporter;
  readonly cacheDir: string;
  /** How long a download may take to give a first sign of life. */
  readonly connectLimitMs: number;
}

export type RungOutcome =
  | { readonly found: true; readonly temporal: FoundTemporal }
  | { readonly found: false; readonly reason: string };

export interface Rung {
  readonly name: string;
  readonly find: (context: LadderContext) => Promise<RungOutcome>;
}

export function notFound(reason: string): RungOutcome {
  return { found: false, reason };
}
