/** The playbooks that come with the product, and folders of the same shape: definitions with holes, `playbook.json`, `tests`. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { fill, type Playbook, type Scenarios, type Settings } from '@throughline/domain/playbooks';
import { openPlaybook, parseScenarios } from '@throughline/domain/playbooks/schemas';
import {
  isJsonObject,
  parseJson,
  type Fault,
  type Json,
  type Result,
} from '@throughline/domain/shared';
import { CallFailed } from '../api.js';
import { checkFolder } from '../definitions/check-folder.js';
import { readFolder, type DefinitionFile } from '../definitions/read-folder.js';
import { EXIT } from '../exit-codes.js';
import { faultLines, type FileFault } from '../outcome.js';

/** The same from `src` and from `dist`. */
const SHIPPED = fileURLToPath(new URL('../../../../playbooks', import.meta.url));

export type Given = Readonly<Record<string, string | number>>;

export interface Opened {
  readonly playbook: Playbook;
  readonly settings: Settings;
  readonly definitions: readonly DefinitionFile[];
}

export async function playbookNames(folder: string = SHIPPED): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  return entries
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name)
    .sort();
}

/** A playbook with its holes filled and nothing wrong with it; else the call has failed and says where. */
export async function loadPlaybook(name: string, given: Given = {}): Promise<Opened> {
  const folder = join(SHIPPED, name);
  const { playbook, settings } = orFail('playbook.json', openPlaybook(await header(name), given));
  const read = await readFolder(folder);
  const definitions = read.definitions.map((definition) => filled(definition, settings));
  const faults = checkFolder({ definitions, faults: read.faults }, ['connections']);
  refuse(faults.filter(({ severity }) => severity === 'error'));
  return { playbook, settings, definitions };
}

/** Its tests, by file. */
export async function loadScenarios(name: string): Promise<readonly Scenarios[]> {
  const folder = join(SHIPPED, name, 'tests');
  const files = (await readdir(folder).catch(() => [])).filter((file) => file.endsWith('.json'));
  return Promise.all(
    files.sort().map(async (file) => {
      const text = await readFile(join(folder, file), 'utf8');
      return orFail(`tests/${file}`, parseScenarios(parseJson(text)));
    }),
  );
}

async function header(name: string): Promise<Json> {
  const known = await playbookNames();
  if (!known.includes(name))
    throw new CallFailed(
      `There is no playbook ${name}. There are: ${known.join(', ')}.`,
      EXIT.usage,
    );
  const text = await readFile(join(SHIPPED, name, 'playbook.json'), 'utf8');
  return parseJson(text) ?? null;
}

/** The file's own name may have a hole as well: its key is what the body says. */
function filled(definition: DefinitionFile, settings: Settings): DefinitionFile {
  const body = orFail(definition.file, fill(definition.body, settings));
  if (!isJsonObject(body)) return definition;
  return { ...definition, body };
}

function orFail<T>(file: string, result: Result<T, readonly Fault[]>): T {
  if (result.ok) return result.value;
  refuse(result.fault.map((fault) => ({ ...fault, file, severity: 'error' })));
  throw new CallFailed(`${file} cannot be read.`, EXIT.refused);
}

function refuse(faults: readonly FileFault[]): void {
  if (faults.length > 0) throw new CallFailed(faultLines(faults).join('\n'), EXIT.refused);
}
