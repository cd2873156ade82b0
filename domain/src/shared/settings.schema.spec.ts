import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { z } from 'zod';
import {
  AesKeyText,
  DatabaseUrlText,
  ListText,
  readSettings,
  settingsExample,
  SigningKeyText,
  whole,
} from './settings.schema.js';

const key = (bytes: number): string => Buffer.alloc(bytes, 251).toString('base64');

describe('a key among the settings', () => {
  it.each([
    ['in base64', key(32), true],
    ['in the base64 of URLs', Buffer.alloc(32, 251).toString('base64url'), true],
    ['a byte short', key(31), false],
    ['a byte long', key(33), false],
    ['a word', 'secret', false],
    ['nothing', '', false],
    ['not base64', '*'.repeat(44), false],
    ['with something behind it', `${key(32)} `, false],
  ])('that seals is 32 bytes: %s', (_what, text, good) => {
    expect(AesKeyText.safeParse(text).success).toBe(good);
  });

  it('that signs may be longer, but not shorter', () => {
    const accepted = [31, 32, 33, 64].filter(
      (bytes) => SigningKeyText.safeParse(key(bytes)).success,
    );
    expect(accepted).toEqual([32, 33, 64]);
  });

  it('is measured as the decoder measures it, however long it is', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 70 }), (bytes) => {
        for (const form of ['base64', 'base64url'] as const) {
          const text = Buffer.from(bytes).toString(form);
          expect(AesKeyText.safeParse(text).success).toBe(bytes.length === 32);
          expect(SigningKeyText.safeParse(text).success).toBe(bytes.length >= 32);
        }
      }),
    );
  });
});

describe('settings', () => {
  const Shape = z.object({
    DATABASE_URL: DatabaseUrlText,
    KEY: AesKeyText.describe('Seals'),
    OLD: ListText.pipe(z.array(AesKeyText)).describe('Opens'),
    PORT: whole(0, 65_535, 8_080).describe('Port'),
    ONCE: z
      .enum(['0', '1'])
      .default('0')
      .transform((text) => text === '1')
      .describe('Only once'),
    PLACE: z.string().default('/here').describe('Where'),
  });
  const ENOUGH = { DATABASE_URL: 'postgresql://db/shop', KEY: key(32) };

  it('are what the environment says, or what they usually are', () => {
    expect(readSettings(Shape, { ...ENOUGH, ONCE: '1', OTHER: 'x' })).toEqual({
      ok: true,
      value: { ...ENOUGH, OLD: [], PORT: 8_080, ONCE: true, PLACE: '/here' },
    });
  });

  it('that are empty count as not set', () => {
    expect(readSettings(Shape, { ...ENOUGH, PORT: '', OLD: '', PLACE: undefined })).toMatchObject({
      ok: true,
      value: { PORT: 8_080, OLD: [], PLACE: '/here' },
    });
  });

  it('with several values have commas between them', () => {
    expect(readSettings(Shape, { ...ENOUGH, OLD: ` ${key(32)} ,, ${key(32)}` })).toMatchObject({
      value: { OLD: [key(32), key(32)] },
    });
  });

  it('say all that is wrong at once, each by its name', () => {
    const read = readSettings(Shape, { DATABASE_URL: 'mysql://db', PORT: '1.5', ONCE: 'yes' });
    const names = read.ok ? [] : read.mistakes.map((line) => line.split(':')[0]);
    expect(names).toEqual(['DATABASE_URL', 'KEY', 'PORT', 'ONCE']);
  });

  it('say which command makes a key that is missing', () => {
    const read = readSettings(Shape, {});
    expect(read.ok ? [] : read.mistakes).toEqual([
      'DATABASE_URL: is not set',
      'KEY: is not set: exactly 32 random bytes in base64; make one with: openssl rand -base64 32',
    ]);
  });

  it('never repeat a value that they refuse', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^canary[a-z0-9]{4,20}$/), (secret) => {
        const read = readSettings(Shape, { DATABASE_URL: secret, KEY: secret, OLD: secret });
        expect(read.ok).toBe(false);
        expect(JSON.stringify(read)).not.toContain(secret);
      }),
    );
  });

  it('can be written down as an example that sets nothing', () => {
    const example = settingsExample(Shape.shape, { title: 'Settings.', withoutDefault: ['PLACE'] });
    expect(example.split('\n')).toEqual([
      '# Settings.',
      '',
      '# PostgreSQL; the login is a member of the tl_* roles (required)',
      'DATABASE_URL=',
      '',
      '# Seals (required)',
      'KEY=',
      '',
      '# Opens',
      '#OLD=',
      '',
      '# Port',
      '#PORT=8080',
      '',
      '# Only once',
      '#ONCE=0',
      '',
      '# Where',
      '#PLACE=',
      '',
    ]);
  });
});
