/** The files of a new connector: the template's, with the names filled in. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { badName, type Names } from './names.js';

export interface RenderedFile {
  /** From the folder of the connector. */
  readonly path: string;
  readonly text: string;
}

const TEMPLATE = fileURLToPath(new URL('./template/', import.meta.url));
/** Keeps tools from taking a template for the source that it becomes. */
const SUFFIX = '.txt';

export function renderConnector(names: Names): readonly RenderedFile[] {
  const files = readdirSync(TEMPLATE)
    .filter((file) => file.endsWith(SUFFIX))
    .map((file) => ({
      path: file.slice(0, -SUFFIX.length),
      text: readFileSync(join(TEMPLATE, file), 'utf8'),
    }));
  refuseUsedWord(names, files);
  return files.map(({ path, text }) => ({ path: fill(path, names), text: fill(text, names) }));
}

function fill(text: string, { key, camel, pascal, title }: Names): string {
  const values: Readonly<Record<string, string>> = {
    __key__: key,
    __camel__: camel,
    __Pascal__: pascal,
    __Name__: title,
  };
  return text.replace(/__(?:key|camel|Pascal|Name)__/g, (mark) => values[mark] ?? mark);
}

/** A constant called `answer` would stand beside the one that the files import. */
function refuseUsedWord({ key, camel }: Names, files: readonly RenderedFile[]): void {
  const word = new RegExp(`\\b${camel}\\b`);
  const user = files.find(({ path, text }) => path.endsWith('.ts') && word.test(text));
  if (user === undefined) return;
  throw badName(
    `"${key}" cannot be the name of a connector.`,
    `The files of a new connector use "${camel}" for something else; "${key}-api" would do.`,
  );
}
