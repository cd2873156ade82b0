import { describe, expect, it } from '@jest/globals';
import { ERRORS } from '@throughline/domain/shared';
import { refusalOf } from '../common/problem.js';
import { at } from '../testing/bench.js';
import { attribute, journey, mapping, segment, template } from '../testing/definitions.js';
import { ANSWERS, componentSchemas } from './components.js';

describe('the components of the document', () => {
  const schemas = componentSchemas();
  const text = JSON.stringify(schemas);

  it('hold one schema for everything that leaves and everything that is put', () => {
    expect(Object.keys(schemas)).toEqual(expect.arrayContaining(Object.keys(ANSWERS)));
    expect(Object.keys(schemas)).toEqual(
      expect.arrayContaining(['JourneyDefinition', 'SegmentDefinition', 'TemplateDefinition']),
    );
  });

  it('have names that a program can use as types', () => {
    for (const name of Object.keys(schemas)) expect(name).toMatch(/^[A-Z][A-Za-z]+$/);
  });

  it('leave the dialect to the document', () => {
    expect(text).not.toContain('"$schema"');
  });

  it('refer to each other from the root, and only to what is there', () => {
    const pointers = [...text.matchAll(/"\$ref":"([^"]+)"/g)].map(([, pointer]) => pointer ?? '');
    expect(pointers.length).toBeGreaterThan(0);
    for (const pointer of new Set(pointers)) {
      expect(pointer).toMatch(/^#\/components\/schemas\//);
      const path = pointer.slice('#/components/schemas/'.length).split('/');
      expect({ pointer, found: at(schemas, ...path) !== undefined }).toEqual({
        pointer,
        found: true,
      });
    }
  });

  it('let a reader leave out what has a default, and promise it to whoever is answered', () => {
    expect(at(schemas, 'TemplateDefinition', 'required')).toEqual(['key', 'name']);
    expect(at(schemas, 'SegmentPreview', 'required')).toContain('count');
  });

  it('close documents to properties that nobody knows', () => {
    for (const name of ['TemplateDefinition', 'ConnectionDefinition', 'MappingSample'])
      expect(at(schemas, name, 'additionalProperties')).toBe(false);
  });

  it('list every code of a refusal, and no other', () => {
    const codes: unknown = at(schemas, 'Problem', 'properties', 'code', 'enum');
    expect(codes).toEqual(Object.keys(ERRORS));
  });

  it('describe a refusal as it is sent', () => {
    const { problem } = refusalOf(new TypeError('nobody foresaw this'), 'r-1');
    expect(ANSWERS.Problem.parse(problem)).toEqual(problem);
  });

  it('hold no example of a person, key or address', () => {
    for (const schema of [attribute('a'), journey('j'), mapping('m'), segment('s'), template('t')])
      expect(text).not.toContain(JSON.stringify(schema));
    expect(text).not.toMatch(/Bearer [a-z0-9]/i);
  });
});
