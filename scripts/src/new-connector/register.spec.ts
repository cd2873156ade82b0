import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { namesOf } from './names.js';
import { registerIn, registerInSpec } from './register.js';

const REGISTRY = `/** Every connector there is. */
import { z } from 'zod';
import { hubSpot } from '../hub-spot/index.js';
import type { ConnectorDefinition } from '../kit/define-connector.js';
import { slack } from '../slack/index.js';

export const connectors: Readonly<Record<string, ConnectorDefinition>> = Object.freeze({
  'hub-spot': hubSpot,
  slack,
});
`;

const SPEC = `
    expect(Object.keys(connectors)).toEqual([
      'hub-spot',
      'slack',
    ]);
    expect(Object.fromEntries(secrets)).toEqual({
      'hub-spot': ['accessToken'],
      slack: ['url', 'other'],
    });
`;

function keysIn(text: string, line: RegExp): readonly string[] {
  return text.split('\n').flatMap((one) => line.exec(one)?.[1] ?? []);
}

function keysOf(registry: string): readonly string[] {
  return keysIn(registry, /^ {2}'?([a-z0-9-]+)'?(?:: \w+)?,$/);
}

describe('a line in the registry', () => {
  it.each([
    ['acme-mail', ['acme-mail', 'hub-spot', 'slack']],
    ['klaviyo', ['hub-spot', 'klaviyo', 'slack']],
    ['zeta', ['hub-spot', 'slack', 'zeta']],
  ])('%s stands in its place', (key, expected) => {
    expect(keysOf(registerIn(REGISTRY, namesOf(key)))).toEqual(expected);
  });

  it('imports what it lists', () => {
    const text = registerIn(REGISTRY, namesOf('acme-mail'));
    expect(text).toContain(
      "import { acmeMail } from '../acme-mail/index.js';\nimport { hubSpot } from",
    );
    expect(text).toContain("  'acme-mail': acmeMail,\n  'hub-spot': hubSpot,");
  });

  it('needs no quotes for a single word', () => {
    expect(registerIn(REGISTRY, namesOf('klaviyo'))).toContain('\n  klaviyo,\n');
  });

  it('adds lines and changes none, whatever is added in whatever order', () => {
    const key = fc.stringMatching(/^x[a-z0-9]{1,6}(-[a-z0-9]{1,4})?$/);
    fc.assert(
      fc.property(fc.uniqueArray(key, { maxLength: 6 }), (keys) => {
        const text = keys.reduce((before, one) => registerIn(before, namesOf(one)), REGISTRY);
        const added = new Set(text.split('\n'));
        for (const line of REGISTRY.split('\n')) expect(added).toContain(line);
        expect(keysOf(text)).toEqual([...keys, 'hub-spot', 'slack'].sort());
      }),
    );
  });

  it('is not guessed where the registry looks otherwise', () => {
    expect(() => registerIn('export const connectors = {};\n', namesOf('acme'))).toThrow(
      'The registry of connectors does not look as it should.',
    );
  });
});

describe('the lists of the spec', () => {
  it('get the key and its secret', () => {
    const text = registerInSpec(SPEC, namesOf('klaviyo'));
    expect(text).toContain("      'hub-spot',\n      'klaviyo',\n      'slack',\n");
    expect(text).toContain("['accessToken'],\n      'klaviyo': ['apiKey'],\n      slack: [");
  });

  it('are not guessed either', () => {
    expect(() => registerInSpec('', namesOf('acme'))).toThrow('does not look as it should');
  });
});
