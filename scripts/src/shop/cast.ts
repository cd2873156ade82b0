/** The shoppers of one cohort: who they are, what they do and when, and what must become of them. */
import { randomBytes } from 'node:crypto';

/** What a shopper does, through the official client; `atMs` counts from the opening of the shop. */
export interface Act {
  readonly atMs: number;
  readonly does: Deed;
}

export type Deed =
  | {
      readonly kind: 'signUp';
      readonly consent: boolean;
      readonly traits?: Readonly<Record<string, string>>;
    }
  | { readonly kind: 'addToCart'; readonly times?: number; readonly anonymous?: boolean }
  | { readonly kind: 'order' }
  | { readonly kind: 'revoke' }
  | { readonly kind: 'logIn' }
  | { readonly kind: 'brokenEvent'; readonly fault: 'nul' | 'depth' }
  | { readonly kind: 'priceAlert' }
  | { readonly kind: 'browse' }
  /** the same person once more, under another account and with a slip of the pen */
  | { readonly kind: 'signUpAgain' };

/** Closed list: what the table says became of somebody. */
export type Ending =
  | 'mailed'
  | 'ordered'
  | 'skipped:no_consent'
  | 'skipped:consent_revoked'
  | 'bounced'
  | 'hook delivered'
  /** kept back until the morning where the shopper lives */
  | 'quiet'
  /** looks like somebody else of the shop: suggested for review */
  | 'duplicate suggested';

export interface Shopper {
  readonly name: string;
  readonly story: string;
  readonly userId: string;
  readonly anonymousId: string;
  readonly email: string;
  readonly cartId: string;
  readonly acts: readonly Act[];
  readonly expected: Ending;
}

interface Part {
  readonly story: string;
  readonly expected: Ending;
  readonly acts: readonly Act[];
  readonly address?: (name: string) => string;
}

/** The wait of the demo's abandoned-cart journey; the examples' own is longer. */
export const CART_WAIT_MS = 10_000;

const SIGN_UP: Act = { atMs: 0, does: { kind: 'signUp', consent: true } };
const CART: Act = { atMs: 1_000, does: { kind: 'addToCart' } };

const ABANDONS: Part = {
  story: 'leaves a cart behind',
  expected: 'mailed',
  acts: [SIGN_UP, CART],
};
const BUYS_IN_TIME: Part = {
  story: 'buys before the wait is over',
  expected: 'ordered',
  acts: [SIGN_UP, CART, { atMs: 7_000, does: { kind: 'order' } }],
};
const BUYS_AT_ONCE: Part = {
  story: 'buys two seconds after the cart',
  expected: 'ordered',
  acts: [SIGN_UP, CART, { atMs: 3_000, does: { kind: 'order' } }],
};
const REVOKES: Part = {
  story: 'unsubscribes during the wait',
  expected: 'skipped:consent_revoked',
  acts: [SIGN_UP, CART, { atMs: 5_000, does: { kind: 'revoke' } }],
};
const NO_CONSENT: Part = {
  story: 'never agreed to mail',
  expected: 'skipped:no_consent',
  acts: [{ atMs: 0, does: { kind: 'signUp', consent: false } }, CART],
};
const LOGS_IN: Part = {
  story: 'fills the cart anonymously, logs in during the wait: two profiles become one',
  expected: 'mailed',
  acts: [
    SIGN_UP,
    { atMs: 1_000, does: { kind: 'addToCart', anonymous: true } },
    { atMs: 5_000, does: { kind: 'logIn' } },
  ],
};
const STUTTERS: Part = {
  story: 'sends the same event three times',
  expected: 'mailed',
  acts: [SIGN_UP, { atMs: 1_000, does: { kind: 'addToCart', times: 3 } }],
};
const SENDS_NUL: Part = {
  story: 'sends a NUL character beside a good event',
  expected: 'mailed',
  acts: [SIGN_UP, CART, { atMs: 1_000, does: { kind: 'brokenEvent', fault: 'nul' } }],
};
const SENDS_DEEP: Part = {
  story: 'sends an event nested 40 levels deep beside a good one',
  expected: 'mailed',
  acts: [SIGN_UP, CART, { atMs: 1_000, does: { kind: 'brokenEvent', fault: 'depth' } }],
};
const BOUNCES: Part = {
  story: 'has an address that does not exist',
  expected: 'bounced',
  acts: [SIGN_UP, CART],
  address: (name) => `${name}+bounce@shop.example`,
};
const HOOK: Part = {
  story: 'wants a price alert; the receiver answers 503 twice',
  expected: 'hook delivered',
  acts: [SIGN_UP, { atMs: 1_000, does: { kind: 'priceAlert' } }],
};

const BUYS_IN_STORE: Part = {
  story: 'looks at a coat online, buys it in the store; the till file comes later',
  expected: 'ordered',
  acts: [SIGN_UP, { atMs: 1_000, does: { kind: 'browse' } }],
};

/** What depends on the time at which the shop opens. */
export interface Hour {
  /** a date of birth that is celebrated within the next minute or so */
  readonly born: string;
  /** a zone in which it is night now */
  readonly night: string;
}

function timedRoles({ born, night }: Hour): readonly (readonly [string, Part])[] {
  return [
    [
      'Vera',
      {
        story: 'has a birthday today',
        expected: 'mailed',
        acts: [
          {
            atMs: 0,
            does: { kind: 'signUp', consent: true, traits: { birthday: born, timezone: 'UTC' } },
          },
        ],
      },
    ],
    [
      'Yao',
      {
        story: `leaves a cart behind at night (${night})`,
        expected: 'quiet',
        acts: [
          { atMs: 0, does: { kind: 'signUp', consent: true, traits: { timezone: night } } },
          CART,
        ],
      },
    ],
  ];
}

const SIGNS_UP_TWICE: Part = {
  story: 'signs up twice, under two accounts',
  expected: 'duplicate suggested',
  acts: [SIGN_UP, { atMs: 1_000, does: { kind: 'signUpAgain' } }],
};

const ROLES: readonly (readonly [string, Part])[] = [
  ['Ada', ABANDONS],
  ['Ben', ABANDONS],
  ['Chi', ABANDONS],
  ['Dag', ABANDONS],
  ['Eva', BUYS_IN_TIME],
  ['Finn', BUYS_IN_TIME],
  ['Gita', BUYS_IN_TIME],
  ['Hal', BUYS_AT_ONCE],
  ['Ines', BUYS_AT_ONCE],
  ['Jun', REVOKES],
  ['Kim', REVOKES],
  ['Liv', NO_CONSENT],
  ['Max', NO_CONSENT],
  ['Nia', LOGS_IN],
  ['Ola', LOGS_IN],
  ['Pia', STUTTERS],
  ['Quin', SENDS_NUL],
  ['Rui', SENDS_DEEP],
  ['Sam', BOUNCES],
  ['Tea', HOOK],
  ['Uma', BUYS_IN_STORE],
  ['Wes', SIGNS_UP_TWICE],
];

/** New people: no id of an earlier cohort comes again. */
export function castCohort(hour: Hour, cohort: string = randomBytes(3).toString('hex')): Shopper[] {
  return [...ROLES, ...timedRoles(hour)].map(([name, part]) => {
    const local = `${name.toLowerCase()}.${cohort}`;
    return {
      name,
      story: part.story,
      userId: `user-${local}`,
      anonymousId: `visitor-${local}`,
      email: part.address?.(local) ?? `${local}@shop.example`,
      cartId: `cart-${local}`,
      acts: part.acts,
      expected: part.expected,
    };
  });
}

/** The user ids under which a shopper is known. */
export function accountsOf({ userId, acts }: Shopper): readonly string[] {
  return acts.some(({ does }) => does.kind === 'signUpAgain')
    ? [userId, againOf(userId)]
    : [userId];
}

/** The second account of somebody who signs up again. */
export function againOf(userId: string): string {
  return `${userId}-again`;
}
