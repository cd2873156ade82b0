import type { JsonObject } from '@throughline/domain/shared';
import { CallFailed, type Api } from '../api.js';
import { EXIT } from '../exit-codes.js';
import { listed, look, objectsOf, type Finding } from './doctor-finding.js';

/** The longest page that lists give. */
const MOST = 200;

/** Who waits for a decision, and what does not go out. */
export async function sendingFindings(api: Api): Promise<Finding[]> {
  return [
    await count(api, {
      what: 'held people',
      path: `/api/v1/enrolments?state=held&limit=${MOST}`,
      some: (many) => `${many} stand still until somebody decides`,
      advice:
        'GET /api/v1/enrolments?state=held says why; mend the cause, then POST …/{id}/retry-step, …/resume or …/force-exit.',
    }),
    await count(api, {
      what: 'unknown sends',
      path: `/api/v1/deliveries?state=unknown&limit=${MOST}`,
      some: (many) => `of ${many} nobody knows whether they arrived`,
      advice:
        'Look their keys up at the service (GET /api/v1/deliveries?state=unknown). None is ever sent again blindly.',
    }),
    await stops(api),
    await connections(api),
  ];
}

interface Counted {
  readonly what: string;
  readonly path: string;
  readonly some: (many: string) => string;
  readonly advice: string;
}

async function count(api: Api, { what, path, some, advice }: Counted): Promise<Finding> {
  let items = 0;
  const finding = await look(what, async () => {
    items = (await listed(api, path)).length;
    return items === 0 ? 'none' : some(items < MOST ? String(items) : `${MOST} or more`);
  });
  return finding.state === 'ok' && items > 0 ? { ...finding, state: 'warn', advice } : finding;
}

async function stops(api: Api): Promise<Finding> {
  let stopped: readonly JsonObject[] = [];
  const finding = await look('sending', async () => {
    const answer = await api.call({ method: 'GET', path: '/api/v1/sending' });
    stopped = objectsOf(answer?.body['stops']);
    return stopped.length === 0
      ? 'nothing is stopped'
      : `stopped: ${stopped.map(nameOf).join(', ')}`;
  });
  if (finding.state !== 'ok' || stopped.length === 0) return finding;
  return { ...finding, state: 'warn', advice: 'POST /api/v1/sending/resume lifts a stop.' };
}

function nameOf({ scope, target }: JsonObject): string {
  return [scope, target].filter((part) => typeof part === 'string').join(' ');
}

async function connections(api: Api): Promise<Finding> {
  const finding = await look('connections', async () => {
    const keys = (await listed(api, `/api/v1/connections?limit=${MOST}`)).flatMap(({ key }) =>
      typeof key === 'string' ? [key] : [],
    );
    const failing = (await Promise.all(keys.map((key) => complaintOf(api, key)))).flat();
    if (failing.length > 0) throw new CallFailed(failing.join(', '), EXIT.refused);
    return keys.length === 0 ? 'none yet' : `${keys.length} in order`;
  });
  if (finding.state === 'ok') return finding;
  return { ...finding, advice: 'Mend its settings, then POST /api/v1/connections/{key}/check.' };
}

async function complaintOf(api: Api, key: string): Promise<string[]> {
  const path = `/api/v1/connections/${encodeURIComponent(key)}/health`;
  const health = (await api.call({ method: 'GET', path }))?.body ?? {};
  const { state, code } = health;
  if (state !== 'needs_attention' && state !== 'disabled') return [];
  return [`${key} ${state}${typeof code === 'string' ? ` (${code})` : ''}`];
}
