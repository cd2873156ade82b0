import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { checkTemplate } from './index.js';
import type { EmailTemplate, TemplateFault } from './types.js';

const check = (over: Partial<EmailTemplate>): readonly TemplateFault[] =>
  checkTemplate({ subject: 's', text: 't', ...over });

describe('checkTemplate', () => {
  it('finds nothing wrong with a good template', () => {
    const html = '{% for i in items %}{{ i.name | escape }}{% else %}-{% endfor %}';
    expect(check({ subject: 'Hi {{ name | default: "you" }}', html })).toEqual([]);
  });

  it('tells part and line of a mistake', () => {
    expect(check({ html: 'a\nb\n{% if x %}' })).toEqual([
      expect.objectContaining({ part: 'html', code: 'syntax', line: 3 }),
    ]);
    expect(check({ subject: '{{ a | nonsense }}' })).toEqual([
      expect.objectContaining({ part: 'subject', code: 'syntax', line: 1 }),
    ]);
  });

  it('tells of a mistake in every part', () => {
    const bad = '{% nonsense %}';
    const parts = check({ subject: bad, html: bad, text: bad }).map((fault) => fault.part);
    expect(parts).toEqual(['subject', 'html', 'text']);
  });

  it.each(['include', 'render', 'layout', 'block'])('names the tag %s as forbidden', (tag) => {
    expect(check({ html: `{% ${tag} "x" %}` })).toEqual([
      expect.objectContaining({
        code: 'forbidden_tag',
        message: `the tag ${tag} is not available`,
      }),
    ]);
  });

  it('wants a subject and a body', () => {
    expect(checkTemplate({ subject: ' ' })).toEqual([
      expect.objectContaining({ part: 'subject', code: 'empty' }),
      expect.objectContaining({ part: 'html', code: 'empty' }),
    ]);
  });

  it('refuses a template over the limit without reading it', () => {
    expect(check({ html: '{{'.repeat(200_000) })).toEqual([
      expect.objectContaining({ part: 'html', code: 'too_large' }),
    ]);
  });

  it.each([
    ['blocks', '{% if 1 %}'.repeat(25_000)],
    ['brackets', `{{ ${'a['.repeat(100_000)}`],
    ['openings', '{{'.repeat(120_000)],
    ['tags', '{%'.repeat(120_000)],
    ['quotes', `{{ ${'"'.repeat(250_000)} }}`],
    ['filters', `{{ a ${'| a'.repeat(80_000)} }}`],
    ['dots', `{{ ${'a.'.repeat(120_000)}a }}`],
    ['raw blocks', '{% raw %}'.repeat(28_000)],
    ['comments', '{% comment %}'.repeat(19_000)],
  ])('is quick on hostile %s', (_name, html) => {
    const startedAt = performance.now();
    check({ html });
    expect(performance.now() - startedAt).toBeLessThan(10_000);
  });

  it('never throws', () => {
    const piece = fc.constantFrom(
      '{{',
      '}}',
      '{%',
      '%}',
      'if',
      ' a',
      '|',
      '"',
      '[',
      ']',
      '.',
      'for',
      '\n',
      '(1..',
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 30 }), (pieces) => {
        expect(Array.isArray(check({ html: pieces.join('') }))).toBe(true);
      }),
    );
  });
});
