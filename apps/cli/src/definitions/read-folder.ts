import { readdir, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { isJsonObject, type JsonObject } from '@throughline/domain/shared';
import { CallFailed } from '../api.js';
import { EXIT } from '../exit-codes.js';
import type { FileFault } from '../outcome.js';

/** In the order in which they are applied: each may name only what stands before it. */
export const KINDS = ['connections', 'templates', 'segments', 'journeys'] as const;
export type Kind = (typeof KINDS)[number];

export interface DefinitionFile {
  readonly kind: Kind;
  readonly key: string;
  readonly body: JsonObject;
  readonly file: string;
}

export interface Folder {
  readonly definitions: readonly DefinitionFile[];
  readonly faults: readonly FileFault[];
}

/**
 * `segments/*.json`, `journeys/*.json`, `connections/*.json`, `templates/*.json`; a template's parts may stand beside it as
 * `<key>.html.liquid` or `<key>.mjml`, and `<key>.text.liquid`. The file's name is the key where the body says none.
 */
export async function readFolder(folder: string): Promise<Folder> {
  const definitions: DefinitionFile[] = [];
  const faults: FileFault[] = [];
  for (const kind of KINDS) {
    for (const name of await namesIn(join(folder, kind))) {
      const file = `${kind}/${name}`;
      const read = await readDefinition(join(folder, kind), name);
      if ('fault' in read)
        faults.push({ file, path: '', code: 'unreadable', message: read.fault, severity: 'error' });
      else definitions.push({ kind, file, ...read });
    }
  }
  if (definitions.length + faults.length === 0) {
    throw new CallFailed(`${folder} holds no ${KINDS.join(', ')} with *.json files.`, EXIT.usage);
  }
  return { definitions, faults: [...faults, ...repeated(definitions)] };
}

async function namesIn(folder: string): Promise<string[]> {
  try {
    return (await readdir(folder)).filter((name) => name.endsWith('.json')).sort();
  } catch {
    return [];
  }
}

async function readDefinition(
  folder: string,
  name: string,
): Promise<{ readonly key: string; readonly body: JsonObject } | { readonly fault: string }> {
  const body = parse(await readFile(join(folder, name), 'utf8'));
  if (body === undefined) return { fault: 'not a JSON object' };
  const stem = basename(name, '.json');
  const key = body['key'] ?? stem;
  if (typeof key !== 'string') return { fault: 'its key is not text' };
  return { key, body: { ...body, key, ...(await partsBeside(join(folder, stem))) } };
}

function parse(text: string): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isJsonObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

async function partsBeside(stem: string): Promise<JsonObject> {
  const [html, text, mjml] = await Promise.all([
    textOf(`${stem}.html.liquid`),
    textOf(`${stem}.text.liquid`),
    textOf(`${stem}.mjml`),
  ]);
  return {
    ...(html === undefined ? {} : { html }),
    ...(text === undefined ? {} : { text }),
    ...(mjml === undefined ? {} : { mjml }),
  };
}

function textOf(path: string): Promise<string | undefined> {
  return readFile(path, 'utf8').catch(() => undefined);
}

function repeated(definitions: readonly DefinitionFile[]): FileFault[] {
  const first = new Map<string, string>();
  return definitions.flatMap(({ kind, key, file }) => {
    const other = first.get(`${kind}/${key}`);
    first.set(`${kind}/${key}`, other ?? file);
    if (other === undefined) return [];
    return [
      {
        file,
        path: 'key',
        code: 'repeated_key',
        message: `${other} has the key ${key} already`,
        severity: 'error' as const,
      },
    ];
  });
}
