/** Asks a program whether it is a Temporal CLI that is new enough for us. */
import { runToEnd } from '../process.js';

export type Inspection =
  | { readonly usable: true; readonly version: string; readonly serverVersion: string }
  | { readonly usable: false; readonly reason: string };

/** Older servers lack updates and search-attribute behaviour that the engine relies on. */
const OLDEST_SERVER = [1, 29] as const;

export async function inspectBinary(path: string): Promise<Inspection> {
  const result = await runToEnd({ command: path, args: ['--version'], timeoutMs: 10_000 });
  switch (result.kind) {
    case 'not_started':
      return { usable: false, reason: `${path} does not start (${result.reason})` };
    case 'cut':
      return { usable: false, reason: `${path} --version: ${result.reason}` };
    case 'ended':
      return readVersion(path, result.stdout);
    default:
      throw new TypeError('unknown result');
  }
}

/** `temporal version 1.8.2 (Server 1.31.2, UI 2.50.1)` */
export function readVersion(path: string, output: string): Inspection {
  const match = /temporal version v?(\S+) \(Server (\d+)\.(\d+)\.(\S+?),/i.exec(output);
  if (match === null)
    return { usable: false, reason: `${path} is not a Temporal CLI with a server` };
  const [, version = '', major = '', minor = '', patch = ''] = match;
  const serverVersion = `${major}.${minor}.${patch}`;
  const [oldestMajor, oldestMinor] = OLDEST_SERVER;
  const isOldMinor = Number(major) === oldestMajor && Number(minor) < oldestMinor;
  if (Number(major) < oldestMajor || isOldMinor) {
    return {
      usable: false,
      reason: `${path} holds server ${serverVersion}, older than ${oldestMajor}.${oldestMinor}`,
    };
  }
  return { usable: true, version, serverVersion };
}
