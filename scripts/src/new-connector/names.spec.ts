import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { namesOf } from './names.js';
import { renderConnector } from './render.js';

describe('the forms of a name', () => {
  it.each([
    ['acme', 'acme', 'Acme', 'Acme'],
    ['acme-mail', 'acmeMail', 'AcmeMail', 'Acme mail'],
    ['csv-s3', 'csvS3', 'CsvS3', 'Csv s3'],
    ['b2-3d-x', 'b23dX', 'B23dX', 'B2 3d x'],
  ])('%s', (key, camel, pascal, title) => {
    expect(namesOf(key)).toEqual({ key, camel, pascal, title });
  });

  it.each([
    '',
    'Acme',
    'acme_mail',
    'acme--mail',
    '-acme',
    'acme-',
    '3acme',
    'acme mail',
    'acme/mail',
    '..',
    'açme',
    `a${'b'.repeat(40)}`,
  ])('refuses %j and says how a name looks', (key) => {
    expect(() => namesOf(key)).toThrow(/has up to 40 small letters, digits and single hyphens/);
  });

  it.each([
    'kit',
    'registry',
    'templates',
    'hashing',
    'constructor',
    'class',
    'await',
    'let',
    'static',
    'undefined',
    'eval',
  ])('keeps %s for itself', (key) => {
    expect(() => namesOf(key)).toThrow(`"${key}" cannot be the name of a connector.`);
  });

  it('are each one identifier, whatever the name', () => {
    const word = fc.stringMatching(/^[a-z][a-z0-9]{0,8}$/);
    fc.assert(
      fc.property(word, fc.array(word, { minLength: 1, maxLength: 2 }), (first, rest) => {
        const { camel, pascal } = namesOf([`x${first}`, ...rest].join('-'));
        expect(camel).toMatch(/^[a-z][A-Za-z0-9]*$/);
        expect(pascal).toMatch(/^[A-Z][A-Za-z0-9]*$/);
      }),
    );
  });
});

describe('the files of a connector', () => {
  it('bear its name', () => {
    const files = renderConnector(namesOf('acme-mail'));
    expect(files.map(({ path }) => path)).toContain('acme-mail.settings.ts');
    const index = files.find(({ path }) => path === 'index.ts')?.text ?? '';
    expect(index).toContain("export const acmeMail = defineConnector({\n  key: 'acme-mail',");
    expect(index).toContain('settings: AcmeMailSettings,');
  });

  it.each(['answer', 'settings', 'test', 'describe', 'run-action', 'event-spec', 'probe', 'z'])(
    'leave no room for one called %s',
    (key) => {
      expect(() => renderConnector(namesOf(key))).toThrow(`"${key}-api" would do.`);
    },
  );
});
