/** Asks what the page may be told. The browser's own cache keeps the answer and asks whether it still holds. */

export interface Told {
  readonly personalised: boolean;
  readonly reason: string;
  readonly traits: Readonly<Record<string, unknown>>;
  readonly predictions: Readonly<Record<string, unknown>>;
  readonly segments: readonly string[];
  readonly recommendations: readonly unknown[];
}

/** What the server says of everybody of whom it says nothing. */
export const NOTHING_TOLD: Told = {
  personalised: false,
  reason: 'not_granted',
  traits: {},
  predictions: {},
  segments: [],
  recommendations: [],
};

export interface Visitor {
  readonly anonymousId: string;
  readonly userId: string | null;
}

/** A page must work without it: whatever goes wrong, nothing is told. */
export async function fetchTold(
  { key, host }: { readonly key: string; readonly host: string },
  { anonymousId, userId }: Visitor,
): Promise<Told> {
  const query = new URLSearchParams({ anonymousId, ...(userId === null ? {} : { userId }) });
  try {
    const answer = await fetch(`${host}/v1/personalize?${query.toString()}`, {
      headers: { authorization: `Bearer ${key}` },
    });
    return answer.ok ? toldIn(await answer.json()) : NOTHING_TOLD;
  } catch {
    return NOTHING_TOLD;
  }
}

/** Part by part over what is told to nobody, so that a page always finds every part. */
export function toldIn(body: unknown): Told {
  return typeof body === 'object' && body !== null ? { ...NOTHING_TOLD, ...body } : NOTHING_TOLD;
}
