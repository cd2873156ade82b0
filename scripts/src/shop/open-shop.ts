/** The demo's workspace "shop": made once with its keys, its definitions put and published at every start. */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { inWorkspace, openPool } from '@throughline/store/shared';
import {
  createKey,
  createWorkspace,
  findWorkspaceByKey,
  putSource,
} from '@throughline/store/workspaces';
import { codeOf, Failure } from '../failure.js';
import { REPO_ROOT } from '../paths.js';
import { asRecord, createApiClient, type ApiClient } from './api-client.js';
import { CART_WAIT_MS } from './cast.js';

export interface ShopKeys {
  /** Segment's write key, for SDKs */
  readonly writeKey: string;
  /** for the management API */
  readonly apiKey: string;
}

const WORKSPACE = 'shop';
const SOURCE = 'web';

/** Keys are shown once by design, so the demo keeps its own beside its data. */
export async function ensureShop(databaseUrl: string, file: string): Promise<ShopKeys> {
  const kept = await readKeys(file);
  if (kept !== undefined) return kept;
  const app = openPool({ url: databaseUrl, role: 'tl_app', max: 1 });
  const door = openPool({ url: databaseUrl, role: 'tl_ingest', max: 1 });
  try {
    const existing = await findWorkspaceByKey(door, WORKSPACE);
    const { workspaceId } =
      existing ?? (await createWorkspace(app, { key: WORKSPACE, name: 'Shop' }));
    if (existing === null) {
      await inWorkspace(app, workspaceId, (client) =>
        putSource(client, workspaceId, { sourceKey: SOURCE, name: 'Web shop' }),
      );
    }
    const write = await createKey(app, workspaceId, {
      name: 'demo web shop',
      scopes: ['ingest'],
      sourceKey: SOURCE,
    });
    const manage = await createKey(app, workspaceId, {
      name: 'demo',
      scopes: ['read', 'write', 'operate'],
      sourceKey: null,
    });
    const keys = { writeKey: write.key, apiKey: manage.key };
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, JSON.stringify(keys), { mode: 0o600 });
    return keys;
  } finally {
    await Promise.all([app.end(), door.end()]);
  }
}

async function readKeys(file: string): Promise<ShopKeys | undefined> {
  try {
    const { writeKey, apiKey } = asRecord(JSON.parse(await readFile(file, 'utf8')));
    return typeof writeKey === 'string' && typeof apiKey === 'string'
      ? { writeKey, apiKey }
      : undefined;
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}

export interface ShopFittings {
  readonly smtpPort: number;
  readonly hookUrl: string;
  readonly webhookSecret: string;
  /** HH:MM in UTC */
  readonly birthdayAt: string;
  /** quiet hours, and where those live who say nothing */
  readonly night: {
    readonly quietHours: { readonly from: string; readonly to: string };
    readonly timezone: string;
  };
}

/** The definitions of examples/shop, with this machine's ports and a wait that a person can sit through. */
export async function furnishShop(
  apiUrl: string,
  keys: ShopKeys,
  fittings: ShopFittings,
): Promise<ApiClient> {
  const api = createApiClient(apiUrl, keys.apiKey);
  const mail = await example('connections/shop-mail.json');
  await api.put('/api/v1/connections/shop-mail', {
    ...mail,
    settings: { ...asRecord(mail['settings']), host: '127.0.0.1', port: fittings.smtpPort },
  });
  const hook = await example('connections/price-hook.json');
  await api.put('/api/v1/connections/price-hook', {
    ...hook,
    settings: {
      ...asRecord(hook['settings']),
      url: fittings.hookUrl,
      secret: fittings.webhookSecret,
    },
  });
  for (const name of ['cart-reminder', 'browse-reminder', 'birthday-greeting'])
    await api.put(`/api/v1/templates/${name}`, await example(`templates/${name}.json`));
  await publish(api, 'segments', await example('segments/buyers.json'));
  const cart = withWait(await example('journeys/abandoned-cart.json'));
  await publish(api, 'journeys', { ...cart, ...fittings.night });
  await publish(api, 'journeys', await example('journeys/price-alert.json'));
  await publish(api, 'journeys', await example('journeys/browse-abandonment.json'));
  const birthday = await example('journeys/birthday.json');
  const trigger = { ...asRecord(birthday['trigger']), at: fittings.birthdayAt };
  await publish(api, 'journeys', { ...birthday, trigger });
  await publish(api, 'mappings', await example('mappings/till-orders.json'));
  return api;
}

async function example(path: string): Promise<Record<string, unknown>> {
  const file = join(REPO_ROOT, 'examples', 'shop', path);
  try {
    return asRecord(JSON.parse(await readFile(file, 'utf8')));
  } catch (error) {
    throw new Failure({
      code: 'command_failed',
      sentence: `The demo needs ${file}, which cannot be read.`,
      command: 'git checkout examples',
      cause: error,
    });
  }
}

function withWait(journey: Record<string, unknown>): Record<string, unknown> {
  const steps = Object.entries(asRecord(journey['steps'])).map(([id, value]) => {
    const step = asRecord(value);
    const timeout = asRecord(step['timeout']);
    return [
      id,
      step['kind'] === 'waitFor'
        ? { ...step, timeout: { ...timeout, after: { milliseconds: CART_WAIT_MS } } }
        : step,
    ];
  });
  return { ...journey, steps: Object.fromEntries(steps) };
}

async function publish(
  api: ApiClient,
  kind: 'segments' | 'journeys' | 'mappings',
  body: Record<string, unknown>,
): Promise<void> {
  const path = `/api/v1/${kind}/${String(body['key'])}`;
  await api.put(path, body);
  await api.post(`${path}/publish`);
}
