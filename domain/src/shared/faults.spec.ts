import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { faultsOf } from './faults.js';

const Shape = z.union([
  z.strictObject({ circle: z.number() }),
  z.strictObject({ square: z.number(), name: z.string() }),
]);

function faults(schema: z.ZodType, value: unknown) {
  const parsed = schema.safeParse(value);
  return parsed.success ? [] : faultsOf(parsed.error);
}

describe('faultsOf', () => {
  it('names each fault by its path', () => {
    const schema = z.object({ steps: z.array(z.object({ next: z.string() })) });
    expect(faults(schema, { steps: [{ next: 'a' }, { next: 1 }] })).toEqual([
      {
        path: 'steps.1.next',
        code: 'invalid_type',
        message: expect.stringContaining('expected string'),
      },
    ]);
  });

  it('reports only the alternative that comes closest', () => {
    const found = faults(z.object({ shape: Shape }), { shape: { square: 3, name: 4 } });
    expect(found.map((fault) => fault.path)).toEqual(['shape.name']);
  });

  it('reports something for a value that is none of the alternatives', () => {
    expect(faults(Shape, 7)).toHaveLength(1);
    expect(faults(Shape, { triangle: 1 }).length).toBeGreaterThan(0);
  });
});
