/** A shipped playbook in a test's workspace: its definitions as the API would store them, with waits that a test can sit through. */
import { compileMjml } from '@throughline/connectors/templates';
import { JourneyDefinitionSchema } from '@throughline/domain/journeys/schemas';
import { isJsonObject, parseJson, type Json, type JsonObject } from '@throughline/domain/shared';
import { addCodes, putPool } from '@throughline/store/coupons';
import { loadPlaybook, type Opened } from '../../apps/cli/src/playbooks/library.js';
import type { Engine } from './engine.js';

const HOUR_MS = 3_600_000;

/** Quiet hours that are not now, whatever time it is; nobody is left out; one connection for all. */
function settingsFor(now: number): Record<string, string | number> {
  return { holdout: 0, quietFrom: clock(now + 9 * HOUR_MS), quietTo: clock(now + 10 * HOUR_MS) };
}

/** HH:MM in UTC. */
export function clock(ms: number): string {
  return new Date(ms).toISOString().slice(11, 16);
}

interface Installing {
  readonly name: string;
  readonly set: Readonly<Record<string, string | number>>;
}

export async function installInto(engine: Engine, { name, set }: Installing): Promise<void> {
  const opened = await loadPlaybook(name, { ...settingsFor(Date.now()), ...set });
  for (const { kind, key, body } of opened.definitions) {
    if (kind === 'templates') await engine.define('template', key, await compiled(body));
    if (kind === 'segments') await engine.kit.publish('segment', { ...body, key });
  }
  for (const { kind, key, body } of opened.definitions) {
    if (kind !== 'journeys') continue;
    const stored = JourneyDefinitionSchema.parse(withoutDays(body));
    await engine.kit.publish('journey', { ...stored, key });
  }
  await fillPools(engine, opened);
}

async function compiled(template: JsonObject): Promise<JsonObject> {
  const { mjml } = template;
  if (typeof mjml !== 'string') return template;
  const html = await compileMjml(mjml);
  if (!html.ok) throw new TypeError(JSON.stringify(html.faults));
  return { ...template, html: html.html };
}

async function fillPools(engine: Engine, { playbook }: Opened): Promise<void> {
  const { workspaceId } = engine;
  const codes = Array.from({ length: 20 }, (_, index) => `${playbook.key}-${index}`);
  for (const pool of playbook.needs.couponPools) {
    await engine.asOperator(async (client) => {
      await putPool(client, workspaceId, { key: pool, name: pool, lowStock: 0 });
      const sealed = codes.map((code) => ({
        code,
        keyId: 'k',
        // As the outside of a test opens it.
        sealed: Buffer.from(JSON.stringify({ code })),
      }));
      await addCodes(client, workspaceId, { pool, codes: sealed });
    });
  }
}

/** Waits of days that no setting names, and waits until a time of day, become a second. */
function withoutDays(definition: JsonObject): Json {
  const steps = isJsonObject(definition['steps']) ? definition['steps'] : {};
  const quick = Object.entries(steps).map(([id, step]) => [id, withoutDay(step)]);
  return { ...definition, steps: parseJson(JSON.stringify(Object.fromEntries(quick))) ?? {} };
}

function withoutDay(step: Json): Json {
  if (!isJsonObject(step) || step['kind'] !== 'delay') return step;
  const { until, duration, ...rest } = step;
  const isLong = until !== undefined || duration === 'PT156H';
  return isLong ? { ...rest, duration: 'PT1S' } : step;
}
