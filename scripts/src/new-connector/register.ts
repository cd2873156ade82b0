/** Writes a new connector into the registry and into the lists of its spec, each in its place of the alphabet. */
import { badName, type Names } from './names.js';

export function registerIn(registry: string, { key, camel }: Names): string {
  const line = key === camel ? `  ${key},` : `  '${key}': ${camel},`;
  const imported = insertSorted(registry, {
    section: /^import \{ z \} from 'zod';\n/m,
    entry: /^import .* from '\.\.\/([a-z0-9-]+)\/.*$/,
    key,
    line: `import { ${camel} } from '../${key}/index.js';`,
  });
  return insertSorted(imported, {
    section: /^export const connectors.*\n/m,
    entry: /^ {2}'?([a-z0-9-]+)'?(?::.*)?,$/,
    key,
    line,
  });
}

export function registerInSpec(spec: string, { key }: Names): string {
  const listed = insertSorted(spec, {
    section: /expect\(Object\.keys\(connectors\)\)\.toEqual\(\[\n/,
    entry: /^ {6}'([a-z0-9-]+)',$/,
    key,
    line: `      '${key}',`,
  });
  return insertSorted(listed, {
    section: /expect\(Object\.fromEntries\(secrets\)\)\.toEqual\(\{\n/,
    entry: /^ {6}'?([a-z0-9-]+)'?: \[.*\],$/,
    key,
    line: `      '${key}': ['apiKey'],`,
  });
}

interface Insertion {
  /** Ends where the entries begin. */
  readonly section: RegExp;
  readonly entry: RegExp;
  readonly key: string;
  readonly line: string;
}

/** Before the first entry that comes later in the alphabet, else behind the last one. */
function insertSorted(text: string, { section, entry, key, line }: Insertion): string {
  const start = section.exec(text);
  if (start === null) throw unreadable();
  const at = start.index + start[0].length;
  const lines = text.slice(at).split('\n');
  const end = lines.findIndex((one) => !entry.test(one));
  const keys = lines.slice(0, Math.max(0, end)).map((one) => entry.exec(one)?.[1] ?? '');
  if (keys.length === 0) throw unreadable();
  const later = keys.findIndex((one) => one > key);
  lines.splice(later === -1 ? keys.length : later, 0, line);
  return text.slice(0, at) + lines.join('\n');
}

function unreadable(): Error {
  return badName(
    'The registry of connectors does not look as it should.',
    'connectors/src/registry/index.ts and registry.spec.ts list connectors one a line.',
  );
}
