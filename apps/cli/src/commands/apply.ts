import {
  canonicalJson,
  isJsonObject,
  type Json,
  type JsonObject,
} from '@throughline/domain/shared';
import { CallFailed, type Api } from '../api.js';
import type { Config } from '../config.js';
import { checkFolder } from '../definitions/check-folder.js';
import { inApplyOrder } from '../definitions/apply-order.js';
import { readFolder, type DefinitionFile } from '../definitions/read-folder.js';
import { EXIT } from '../exit-codes.js';
import { faultLines, faultsData, type Outcome } from '../outcome.js';

export interface ApplyOptions {
  readonly folder: string;
  readonly dryRun: boolean;
  /** publish journeys that would send much */
  readonly confirm?: boolean;
  readonly api: Api;
  readonly secret: Config['secret'];
}

interface Applied {
  readonly kind: string;
  readonly key: string;
  readonly action: 'create' | 'update' | 'unchanged';
  readonly version: number | null;
}

/**
 * Puts every definition of a folder that differs from the server's, and publishes segments and journeys. Faults that can be
 * found offline are found before the first change; the rest stops at the definition that the server refuses.
 */
export async function apply({
  folder,
  dryRun,
  confirm,
  api,
  secret,
}: ApplyOptions): Promise<Outcome> {
  const read = await readFolder(folder);
  const faults = checkFolder(read);
  if (faults.some(({ severity }) => severity === 'error')) {
    return {
      exit: EXIT.refused,
      lines: faultLines(faults),
      data: { applied: [], faults: faultsData(faults) },
    };
  }
  const applied: Applied[] = [];
  for (const definition of inApplyOrder(read.definitions)) {
    applied.push(
      await applyOne({
        definition: withSecrets(definition, secret),
        dryRun,
        confirm: confirm === true,
        api,
      }),
    );
  }
  return {
    exit: EXIT.ok,
    lines: [...faultLines(faults), ...applied.map((one) => lineOf(one, dryRun))],
    data: { applied: applied.map((one) => ({ ...one })), dryRun, faults: faultsData(faults) },
  };
}

interface One {
  readonly definition: DefinitionFile;
  readonly dryRun: boolean;
  readonly confirm: boolean;
  readonly api: Api;
}

async function applyOne({ definition, dryRun, confirm, api }: One): Promise<Applied> {
  const { kind, key, body } = definition;
  const path = `/api/v1/${kind}/${encodeURIComponent(key)}`;
  const current = await api.call({ method: 'GET', path });
  const action = actionFor(definition, current?.body);
  if (!dryRun && action !== 'unchanged') {
    // Only what was looked at is replaced: somebody else's change in between refuses the put.
    const guard = current?.etag == null ? {} : { 'if-match': current.etag };
    await api.call({ method: 'PUT', path, body, headers: guard });
  }
  const version = dryRun ? null : await publish({ kind, path, confirm, api });
  return { kind, key, action, version };
}

interface Publishing {
  readonly kind: DefinitionFile['kind'];
  readonly path: string;
  readonly confirm: boolean;
  readonly api: Api;
}

/** Templates and connections are live as soon as they are put. */
async function publish({ kind, path, confirm, api }: Publishing): Promise<number | null> {
  if (kind !== 'segments' && kind !== 'journeys') return null;
  const confirmed = confirm && kind === 'journeys' ? '?confirm=true' : '';
  const published = await api.call({ method: 'POST', path: `${path}/publish${confirmed}` });
  const version = published?.body['version'];
  return typeof version === 'number' ? version : null;
}

/** What a put would do to what the server has. */
export function actionFor(
  { kind, body }: Pick<DefinitionFile, 'kind' | 'body'>,
  current: JsonObject | undefined,
): Applied['action'] {
  if (current === undefined) return 'create';
  const theirs = current['definition'];
  if (!isJsonObject(theirs) || current['archivedAt'] !== null) return 'update';
  // A secret that is set cannot be compared, so a connection that has one is always put.
  const { secrets, ...comparable } = theirs;
  if (kind === 'connections' && Array.isArray(secrets) && secrets.length > 0) return 'update';
  if (kind === 'connections') return sameOrUpdate(comparable, body);
  return sameOrUpdate(kind === 'templates' ? asWritten(theirs) : theirs, body);
}

function sameOrUpdate(theirs: JsonObject, ours: JsonObject): Applied['action'] {
  return canonicalJson(theirs) === canonicalJson(ours) ? 'unchanged' : 'update';
}

/** The server makes the HTML of a template that is written in MJML. */
function asWritten(template: JsonObject): JsonObject {
  if (typeof template['mjml'] !== 'string') return template;
  return Object.fromEntries(Object.entries(template).filter(([name]) => name !== 'html'));
}

/** `{ "$secret": "NAME" }` becomes the value of THROUGHLINE_SECRET_NAME: definitions live in Git, secrets do not. */
function withSecrets(definition: DefinitionFile, secret: Config['secret']): DefinitionFile {
  const { body, file } = definition;
  const settings = body['settings'];
  if (definition.kind !== 'connections' || !isJsonObject(settings)) return definition;
  const filled = Object.entries(settings).map(([name, value]): [string, Json] => {
    const wanted = isJsonObject(value) ? value['$secret'] : undefined;
    if (typeof wanted !== 'string') return [name, value];
    const found = secret(wanted);
    if (found === undefined) {
      throw new CallFailed(
        `${file}: settings.${name} needs THROUGHLINE_SECRET_${wanted}, which is not set.`,
        EXIT.usage,
      );
    }
    return [name, found];
  });
  return { ...definition, body: { ...body, settings: Object.fromEntries(filled) } };
}

function lineOf({ kind, key, action, version }: Applied, dryRun: boolean): string {
  const done = dryRun ? `would ${action === 'unchanged' ? 'leave' : action}` : action;
  return `${kind}/${key}: ${done}${version === null ? '' : `, live as version ${version}`}`;
}
