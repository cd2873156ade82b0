import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { parseItems } from './parse-items.js';

const Input = z.object({
  to: z.string().max(20),
  line: z
    .string()
    .refine((text) => !text.includes('\n'), {
      message: 'one line',
      params: { faultCode: 'header_injection' },
    })
    .optional(),
});

describe('parseItems', () => {
  it('parts the good from the bad and keeps their places', () => {
    const { valid, faults } = parseItems(
      Input,
      [
        { key: 'a', input: { to: 'x' } },
        { key: 'b', input: { to: 5 } },
        { key: 'c', input: { to: 'y', extra: 1 } },
      ],
      1_000,
    );
    expect(valid).toEqual([
      { index: 0, item: { key: 'a', input: { to: 'x' } }, bytes: 10 },
      { index: 2, item: { key: 'c', input: { to: 'y' } }, bytes: 10 },
    ]);
    expect([...faults.keys()]).toEqual([1]);
    expect(faults.get(1)).toMatchObject({ class: 'invalidItem', code: 'item_invalid' });
  });

  it('names path and rule of a fault and never the value', () => {
    const { faults } = parseItems(
      Input,
      [{ key: 'a', input: { to: 'person@example.com-and-more' } }],
      99,
    );
    expect(faults.get(0)?.message).toMatch(/^to: /);
    expect(faults.get(0)?.message).not.toContain('person');
  });

  it('uses the code that a schema names, when it is one of ours', () => {
    const { faults } = parseItems(Input, [{ key: 'a', input: { to: 'x', line: 'a\nb' } }], 99);
    expect(faults.get(0)).toMatchObject({ code: 'header_injection', message: 'line: one line' });
    const Foreign = z.string().refine(() => false, { params: { faultCode: 'no_such_code' } });
    const foreign = parseItems(Foreign, [{ key: 'a', input: 'x' }], 99);
    expect(foreign.faults.get(0)).toMatchObject({ code: 'item_invalid' });
  });

  it('refuses an item over the limit', () => {
    const { faults } = parseItems(Input, [{ key: 'a', input: { to: 'x'.repeat(15) } }], 20);
    expect(faults.get(0)).toMatchObject({ code: 'item_too_large' });
  });

  it('survives input that is circular, or nested deeper than the stack', () => {
    const Anything = z.record(z.string(), z.json());
    const loop: Record<string, unknown> = {};
    loop['loop'] = loop;
    let deep: unknown = 1;
    for (let depth = 0; depth < 200_000; depth += 1) deep = [deep];
    const { faults } = parseItems(
      Anything,
      [
        { key: 'a', input: loop },
        { key: 'b', input: { deep } },
      ],
      99,
    );
    expect([...faults.values()].map((fault) => fault.code)).toEqual([
      'item_invalid',
      'item_invalid',
    ]);
  });
});
