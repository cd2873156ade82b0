/**
 * Puts what a playbook is made of into a workspace, and says what the workspace lacks for it. Journeys and segments stay drafts;
 * what is there already under the same key is somebody's work and is left alone.
 */
import { missingFor, type Missing } from '@throughline/domain/playbooks';
import type { Api } from '../api.js';
import { inApplyOrder } from '../definitions/apply-order.js';
import type { DefinitionFile } from '../definitions/read-folder.js';
import { EXIT } from '../exit-codes.js';
import type { Outcome } from '../outcome.js';
import { loadPlaybook, type Given } from '../playbooks/library.js';
import { presentIn } from '../playbooks/present.js';
import { actionFor } from './apply.js';

export interface InstallOptions {
  readonly name: string;
  readonly set: Given;
  readonly dryRun: boolean;
  /** put anew what is there already and differs */
  readonly replace: boolean;
  /** make segments and journeys live as well */
  readonly publish: boolean;
  readonly api: Api;
}

interface Installed {
  readonly kind: string;
  readonly key: string;
  readonly action: 'create' | 'update' | 'unchanged' | 'kept';
  readonly version: number | null;
}

export async function installPlaybook(options: InstallOptions): Promise<Outcome> {
  const { playbook, definitions } = await loadPlaybook(options.name, options.set);
  const missing = missingFor(playbook.needs, await presentIn(options.api, playbook.needs));
  const blocked = options.publish && missing.some(({ kind }) => kind === 'connection');
  if (blocked) return refused(missing);
  const installed: Installed[] = [];
  for (const definition of inApplyOrder(definitions))
    installed.push(await installOne(definition, options));
  return {
    exit: EXIT.ok,
    lines: [
      ...missing.map(missingLine),
      ...installed.map((one) => lineOf(one, options.dryRun)),
      ...(options.publish || options.dryRun ? [] : ['Drafts only: look at them, then publish.']),
    ],
    data: {
      playbook: playbook.key,
      dryRun: options.dryRun,
      missing: missing.map((one) => ({ ...one })),
      installed: installed.map((one) => ({ ...one })),
    },
  };
}

function refused(missing: readonly Missing[]): Outcome {
  return {
    exit: EXIT.refused,
    lines: [
      ...missing.map(missingLine),
      'Nothing was put: a journey needs its connection to go live.',
    ],
    data: { missing: missing.map((one) => ({ ...one })), installed: [] },
  };
}

async function installOne(
  { kind, key, body }: DefinitionFile,
  { api, dryRun, replace, publish }: InstallOptions,
): Promise<Installed> {
  const path = `/api/v1/${kind}/${encodeURIComponent(key)}`;
  const current = await api.call({ method: 'GET', path });
  const wanted = actionFor({ kind, body }, current?.body);
  const action = wanted === 'update' && !replace ? 'kept' : wanted;
  if (dryRun) return { kind, key, action, version: null };
  if (action === 'create' || action === 'update') {
    const headers = current?.etag == null ? {} : { 'if-match': current.etag };
    await api.call({ method: 'PUT', path, body, headers });
  }
  const goesLive = publish && action !== 'kept' && (kind === 'segments' || kind === 'journeys');
  const published = goesLive ? await api.call({ method: 'POST', path: `${path}/publish` }) : null;
  const version = published?.body['version'];
  return { kind, key, action, version: typeof version === 'number' ? version : null };
}

const WORDS = {
  event: 'event',
  trait: 'trait',
  connection: 'connection',
  couponPool: 'coupon pool',
};

function missingLine({ kind, name, hint }: Missing): string {
  return `missing ${WORDS[kind]} ${name}: ${hint}`;
}

function lineOf({ kind, key, action, version }: Installed, dryRun: boolean): string {
  if (action === 'kept')
    return `${kind}/${key}: is there and differs, left alone (--replace puts it)`;
  const done = dryRun ? `would ${action === 'unchanged' ? 'leave' : action}` : action;
  return `${kind}/${key}: ${done}${version === null ? '' : `, live as version ${version}`}`;
}
