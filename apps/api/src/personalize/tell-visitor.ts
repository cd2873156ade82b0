/** What a page is told of its visitor: nothing that is not on its source's list, and nothing of anybody who has not agreed. */
import { normaliseIdentifier } from '@throughline/domain/identity';
import type { Personalisation } from '@throughline/domain/recommendations/schemas';
import type { Json, JsonObject } from '@throughline/domain/shared';
import type { Traits } from '@throughline/domain/profiles';
import { readProfile } from '@throughline/store/profiles';
import {
  findVisitor,
  readRecommendations,
  type RecommendedItem,
} from '@throughline/store/recommendations';
import type { Queryable } from '@throughline/store/shared';
import { maskedObject } from '../profiles/mask.js';

export interface Told {
  readonly personalised: boolean;
  readonly reason: 'granted' | 'not_granted';
  readonly traits: JsonObject;
  readonly predictions: JsonObject;
  readonly segments: readonly string[];
  readonly recommendations: readonly ShownItem[];
}

type ShownItem = Omit<RecommendedItem, 'score' | 'because'>;

/** The same for somebody who is not there, who has not agreed, and who was named without proof. */
export const NOTHING_TOLD: Told = {
  personalised: false,
  reason: 'not_granted',
  traits: {},
  predictions: {},
  segments: [],
  recommendations: [],
};

export interface Named {
  readonly anonymousId: string | null;
  readonly userId: string | null;
}

export async function tellVisitor(
  client: Queryable,
  workspaceId: string,
  { named, settings }: { readonly named: Named; readonly settings: Personalisation },
): Promise<Told> {
  const customerId = await findVisitor(client, workspaceId, wantedBy(named, settings));
  if (customerId === null) return NOTHING_TOLD;
  const parts = ['traits', 'segments'] as const;
  const profile = await readProfile(client, workspaceId, { customerId, parts });
  if (profile === null) return NOTHING_TOLD;
  const n = settings.recommendations;
  const items = n === 0 ? [] : await readRecommendations(client, workspaceId, { customerId, n });
  const member = new Set(profile.segments?.map(({ segment }) => segment));
  const traits = profile.traits ?? {};
  return {
    personalised: true,
    reason: 'granted',
    traits: listed(traits, settings.traits),
    predictions: listed(traits, settings.predictions),
    segments: settings.segments.filter((segment) => member.has(segment)),
    recommendations: items.map(shownItem),
  };
}

/** An identifier that nobody has: looked up like every other, so that what it stands for takes as long. */
const NOBODY = '';

/**
 * Ids of users can often be guessed, and the key is there for everybody to read: by such an id alone nobody is told anything, unless
 * the source says that its ids are as good as secrets.
 */
function wantedBy(
  { anonymousId, userId }: Named,
  { purpose, channel, trustUserId }: Personalisation,
) {
  const needsProof = userId !== null && anonymousId === null && !trustUserId;
  return {
    anonymousId: needsProof ? NOBODY : stored('anonymous_id', anonymousId),
    userId: stored('user_id', userId),
    purpose,
    channel,
  };
}

function stored(type: string, value: string | null): string | null {
  return value === null ? null : (normaliseIdentifier(type, value) ?? NOBODY);
}

/** Addresses are masked at any depth: a trait may be an object, and nobody lists what is inside. */
function listed(traits: Traits, names: readonly string[]): JsonObject {
  const told = names.flatMap((name): [string, Json][] => {
    const trait = Object.hasOwn(traits, name) ? traits[name] : undefined;
    return trait === undefined || trait.v === null ? [] : [[name, trait.v]];
  });
  return maskedObject(Object.fromEntries(told), { identifiers: NONE, names: NONE });
}

const NONE: ReadonlySet<string> = new Set();

function shownItem({
  id,
  name,
  url,
  image,
  price,
  currency,
  category,
}: RecommendedItem): ShownItem {
  return { id, name, url, image, price, currency, category };
}
