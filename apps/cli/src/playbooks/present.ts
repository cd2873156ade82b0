/** What a workspace has of what a playbook needs. */
import type { Needs, Present } from '@throughline/domain/playbooks';
import { isJsonList, type JsonObject } from '@throughline/domain/shared';
import type { Api } from '../api.js';

export async function presentIn(api: Api, needs: Needs): Promise<Present> {
  const [vocabulary, connections, couponPools] = await Promise.all([
    api.call({ method: 'GET', path: '/api/v1/vocabulary' }),
    existing(api, 'connections', needs.connections),
    existing(api, 'coupons', needs.couponPools),
  ]);
  const seen = vocabulary?.body ?? {};
  return { ...listed('events', seen), ...listed('traits', seen), connections, couponPools };
}

async function existing(
  api: Api,
  kind: 'connections' | 'coupons',
  keys: readonly string[],
): Promise<ReadonlySet<string>> {
  const found = await Promise.all(
    keys.map(async (key) => {
      const answer = await api.call({ method: 'GET', path: `/api/v1/${kind}/${key}` });
      return answer === null || typeof answer.body['archivedAt'] === 'string' ? [] : [key];
    }),
  );
  return new Set(found.flat());
}

/** A server that does not say what it has seen leaves the list out, and nothing is said to be missing. */
function listed(name: 'events' | 'traits', seen: JsonObject): Present {
  const names = seen[name];
  if (!isJsonList(names)) return {};
  return { [name]: new Set(names.filter((one) => typeof one === 'string')) };
}
