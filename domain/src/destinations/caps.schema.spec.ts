import { describe, expect, it } from '@jest/globals';
import { CapsDocumentSchema } from './schemas.js';
import type { CapRule } from './types.js';

const DAILY: CapRule = { channel: 'email', per: 'P1D', max: 3, slots: { cart: 1 } };

describe('the document of caps', () => {
  const faults = (rules: unknown): readonly string[] => {
    const parsed = CapsDocumentSchema.safeParse({ rules });
    return parsed.success ? [] : parsed.error.issues.map(({ path }) => path.join('.'));
  };

  it('is without rules where it says nothing', () => {
    expect(CapsDocumentSchema.parse({})).toEqual({ rules: [] });
    expect(CapsDocumentSchema.parse({ rules: [DAILY] })).toEqual({ rules: [DAILY] });
  });

  it.each<[string, unknown, string]>([
    [
      'more slots than messages',
      { ...DAILY, max: 1, slots: { cart: 1, shop: 1 } },
      'rules.0.slots',
    ],
    ['slots in a rule for one class', { ...DAILY, class: 'cart' }, 'rules.0.slots'],
    [
      'slots for the exempt class',
      { ...DAILY, slots: { transactional: 1 } },
      'rules.0.slots.transactional',
    ],
    [
      'a cap on the exempt class',
      { channel: 'email', class: 'transactional', per: 'P1D', max: 1 },
      'rules.0.class',
    ],
    ['a window of a second', { ...DAILY, per: 'PT1S' }, 'rules.0.per'],
    ['a window of a year', { ...DAILY, per: 'P365D' }, 'rules.0.per'],
    ['no messages at all', { ...DAILY, max: 0 }, 'rules.0.max'],
    ['another channel', { ...DAILY, channel: 'fax' }, 'rules.0.channel'],
  ])('refuses %s', (_name, rule, path) => {
    expect(faults([rule])).toContain(path);
  });
});
