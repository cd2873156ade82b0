/** What a run will do, dealt from its seed before it begins: who shops, what they do, who is killed and when. */
import { seededDice, type Dice } from './random.js';

export const VICTIMS = ['worker', 'api', 'temporal', 'postgres'] as const;
export type Victim = (typeof VICTIMS)[number];

export interface PlannedKill {
  readonly atMs: number;
  readonly victim: Victim;
  readonly downMs: number;
}

/** How the webhook receiver treats the one call of this shopper. */
export type HookManner = 'takes' | 'refuses once' | 'slow' | 'loses the answer';

export interface PlannedShopper {
  readonly id: string;
  readonly atMs: number;
  /** ms from the cart to the order; null leaves the cart behind */
  readonly orderAfterMs: number | null;
  /** ms from the cart: pages that nothing depends on, so that the lane has work */
  readonly viewsAfterMs: readonly number[];
  /** sends an event that must end in quarantine */
  readonly sendsBroken: boolean;
  readonly hookManner: HookManner;
  readonly hookMs: number;
  /** how long the mail server takes to say yes */
  readonly mailMs: number;
}

export interface Plan {
  readonly windowMs: number;
  readonly kills: readonly PlannedKill[];
  readonly shoppers: readonly PlannedShopper[];
}

/** A few shoppers are on their way before the first blow, and some are behind the last one. */
const QUIET_START_MS = 4_000;
const QUIET_END_MS = 4_000;
export const DOWN_MS = { least: 200, most: 2_000 } as const;

export function makePlan(options: {
  readonly seed: number;
  readonly minutes: number;
  readonly kills: number;
  readonly shoppers: number;
}): Plan {
  const windowMs = Math.round(options.minutes * 60_000);
  return {
    windowMs,
    kills: planKills(seededDice(options.seed), options.kills, windowMs),
    shoppers: planShoppers(seededDice(options.seed + 1), options.shoppers, windowMs),
  };
}

/** One at a random moment of each of equal slots: two may come close together, but never all at once. */
function planKills(dice: Dice, kills: number, windowMs: number): PlannedKill[] {
  const slotMs = Math.max(0, windowMs - QUIET_START_MS - QUIET_END_MS) / Math.max(1, kills);
  return dealVictims(dice, kills).map((victim, slot) => ({
    victim,
    atMs: Math.round(QUIET_START_MS + (slot + dice.next()) * slotMs),
    downMs: dice.whole(DOWN_MS.least, DOWN_MS.most),
  }));
}

/** Shuffled rounds of all four: even six kills reach every kind of process. */
function dealVictims(dice: Dice, kills: number): Victim[] {
  const dealt: Victim[] = [];
  while (dealt.length < kills) dealt.push(...dice.shuffle(VICTIMS));
  return dealt.slice(0, kills);
}

function planShoppers(dice: Dice, shoppers: number, windowMs: number): PlannedShopper[] {
  const spacing = windowMs / shoppers;
  return Array.from({ length: shoppers }, (_, index) => ({
    id: `s${String(index).padStart(4, '0')}`,
    atMs: Math.round((index + dice.next()) * spacing),
    orderAfterMs: dice.chance(0.2) ? dice.whole(300, 6_000) : null,
    viewsAfterMs: [dice.whole(0, 8_000), dice.whole(0, 8_000)],
    sendsBroken: dice.chance(0.03),
    hookManner: mannerOf(dice.next()),
    hookMs: dice.whole(300, 2_500),
    mailMs: dice.chance(0.5) ? dice.whole(200, 1_500) : 0,
  }));
}

function mannerOf(roll: number): HookManner {
  if (roll < 0.6) return 'takes';
  if (roll < 0.72) return 'refuses once';
  if (roll < 0.92) return 'slow';
  return 'loses the answer';
}
