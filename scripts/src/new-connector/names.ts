/** The forms that one name takes in the files of a connector, and which names it cannot have. */
import { Script } from 'node:vm';
import { Failure } from '../failure.js';

export interface Names {
  /** `acme-mail`: key, folder and file names. */
  readonly key: string;
  /** `acmeMail`: the constant. */
  readonly camel: string;
  /** `AcmeMail`: the types. */
  readonly pascal: string;
  /** `Acme mail`: what people read. */
  readonly title: string;
}

const KEBAB = /^[a-z][a-z0-9]*(?:-[a-z0-9]+)*$/;
const MAX_LENGTH = 40;
/** Folders of the room that are no connectors, and what every object has. */
const RESERVED = new Set(['connectors', 'constructor', 'hashing', 'kit', 'registry', 'templates']);

export function namesOf(key: string): Names {
  if (!KEBAB.test(key) || key.length > MAX_LENGTH) {
    throw badName(
      key === '' ? 'A connector needs a name.' : `"${key}" is not a name for a connector.`,
      `A name has up to ${MAX_LENGTH} small letters, digits and single hyphens, and begins with a letter.`,
    );
  }
  const pascal = key.split('-').map(capitalised).join('');
  const camel = `${key.charAt(0)}${pascal.slice(1)}`;
  if (RESERVED.has(key) || !canBeConstant(camel)) {
    throw badName(`"${key}" cannot be the name of a connector.`, 'The name is reserved.');
  }
  return { key, camel, pascal, title: capitalised(key.replaceAll('-', ' ')) };
}

export function badName(sentence: string, detail: string): Failure {
  const command = 'npm run new:connector acme-mail';
  return new Failure({ code: 'command_failed', sentence, command, details: [detail] });
}

function capitalised(word: string): string {
  return `${word.charAt(0).toUpperCase()}${word.slice(1)}`;
}

/** The parser knows every word that the language keeps for itself, also those of modules; nothing is run. */
function canBeConstant(name: string): boolean {
  try {
    new Script(`async function scope() { 'use strict'; const ${name} = 0; }`);
    return name !== 'undefined';
  } catch {
    return false;
  }
}
