/** Random lives of an audience's people, and random faults of the platform that is told of them. */
import fc from 'fast-check';
import { requestErasure } from '@throughline/store/consent';
import { bought, said, type AudienceKit } from '../../activities/src/testing/audience-kit.js';
import { identify } from '../../store/src/ingestion/testing/lane-kit.js';

const PEOPLE = 8;

export type Happening =
  | { readonly kind: 'joins' | 'leaves' | 'buys' | 'grants' | 'revokes'; readonly who: number }
  | { readonly kind: 'renames'; readonly who: number; readonly to: number }
  | { readonly kind: 'merges'; readonly who: number; readonly other: number };

export type Fault = 'none' | 'busy' | 'down' | 'broken' | 'lost' | 'killed';

/** What happens before an attempt, and what befalls its requests, one by one. */
export interface Chapter {
  readonly happenings: readonly Happening[];
  readonly faults: readonly Fault[];
  readonly erases: number | null;
}

const who = fc.nat(PEOPLE - 1);

const happening: fc.Arbitrary<Happening> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constantFrom('joins', 'joins', 'leaves', 'grants', 'grants', 'revokes'),
      who,
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('buys' as const), who }) },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant('renames' as const), who, to: fc.nat(5) }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('merges' as const), who, other: who }) },
);

const fault = fc.constantFrom<Fault>(
  'none',
  'none',
  'none',
  'busy',
  'down',
  'broken',
  'lost',
  'killed',
);

export const chapters: fc.Arbitrary<readonly Chapter[]> = fc.array(
  fc.record({
    happenings: fc.array(happening, { minLength: 1, maxLength: 12 }),
    faults: fc.array(fault, { maxLength: 6 }),
    erases: fc.option(who, { freq: 4 }),
  }),
  { minLength: 2, maxLength: 5 },
);

/** People are told apart by the run that they are of. */
export class Churn {
  constructor(
    private readonly kit: AudienceKit,
    private readonly name: string,
  ) {}

  async happen(one: Happening): Promise<void> {
    const userId = this.userOf(one.who);
    switch (one.kind) {
      case 'joins':
        return this.kit.send(
          identify({ userId }, { email: `${userId}@example.com`, prospect: true }),
        );
      case 'leaves':
        return this.kit.send(identify({ userId }, { prospect: false }));
      case 'buys':
        return this.kit.send(bought(userId));
      case 'grants':
        return this.kit.send(said(userId, 'granted'));
      case 'revokes':
        return this.kit.send(said(userId, 'revoked'));
      case 'renames':
        return this.kit.send(identify({ userId }, { email: `${userId}-${one.to}@example.com` }));
      case 'merges':
        return this.merge(userId, this.userOf(one.other));
    }
  }

  async erase(person: number): Promise<void> {
    const customerId = await this.idOf(this.userOf(person));
    if (customerId === null) return;
    const { workspaceId } = this.kit.lane;
    await this.kit.asOperator((client) =>
      requestErasure(client, workspaceId, { customerId, reason: null, actor: 'test' }),
    );
    await this.kit.lane.drain();
  }

  private async merge(one: string, other: string): Promise<void> {
    const [a, b] = [await this.idOf(one), await this.idOf(other)];
    if (a === null || b === null || a === b) return;
    await this.kit.lane.command({ kind: 'merge', customerIds: [a, b] });
    await this.kit.lane.drain();
  }

  private async idOf(userId: string): Promise<string | null> {
    const [row] = await this.kit.lane.rows<{ id: string }>(
      `select customer_id as id from identifier where type = 'user_id' and value = $1`,
      [userId],
    );
    return row?.id ?? null;
  }

  private userOf(person: number): string {
    return `${this.name}-${person}`;
  }
}

/** Lays the faults in the platform's way, request by request; `kill` is how whoever waits for the answer dies. */
export function faultsInTheWay(
  { platform }: AudienceKit,
  faults: readonly Fault[],
  kill: () => Promise<void>,
): void {
  const left = [...faults];
  let now: Fault = 'none';
  platform.mood = () => {
    now = left.shift() ?? 'none';
    if (now === 'busy') return { kind: 'status', status: 429, retryAfter: 1 };
    if (now === 'down') return { kind: 'status', status: 503 };
    if (now === 'broken') return { kind: 'breaks', taken: false };
    return now === 'lost' ? { kind: 'breaks', taken: true } : { kind: 'takes' };
  };
  platform.beforeAnswer = () => (now === 'killed' ? kill() : Promise.resolve());
}

/** A page whose outcome nobody knows is sent again as it was, before any other. */
export function wronglyRepeated({ platform }: AudienceKit, faults: readonly Fault[]): unknown[] {
  const shown = platform.pages.map(({ op, members }) => `${op}:${members.join()}`);
  return shown.filter((page, index) => {
    const unknown = ['broken', 'lost', 'killed'].includes(faults[index] ?? 'none');
    return unknown && shown[index + 1] !== page;
  });
}
