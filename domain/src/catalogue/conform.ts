import { assertNever, isJsonList, type Json } from '../shared/index.js';
import { asText, asTime } from './cast.js';
import { applyNormaliser } from './normalise.js';
import { readInteger, readNumber } from './read-number.js';
import { readBoolean, readConsent } from './read-words.js';
import type { Attribute, Worked } from './types.js';
import { done, failed } from './worked.js';

export interface Surroundings {
  readonly zone: string;
  readonly country: string | undefined;
}

/** Identifiers, names and ids become keys of indexes. */
const MAX_KEY = 255;

/**
 * The value in the one form that its attribute asks for, so that the plainest mapping (a column to an attribute) already does
 * what is meant. What casts and normalisers have done before is left as it is.
 */
export function conform(value: Json, attribute: Attribute, around: Surroundings): Worked {
  const { role } = attribute;
  switch (role.kind) {
    case 'consent': {
      const word = readConsent(value);
      return word === undefined ? failed('invalid_consent', 'no word of consent') : done(word);
    }
    case 'eventTime':
      return asTime(value, {}, around.zone);
    case 'identifier':
      return short(ofType(value, attribute, around));
    case 'eventName':
    case 'messageId':
      return short(tidy(value));
    case 'trait':
    case 'property':
    case 'product':
      return ofType(value, attribute, around);
    default:
      return assertNever(role);
  }
}

function ofType(value: Json, { type }: Attribute, { zone, country }: Surroundings): Worked {
  switch (type) {
    case 'text':
      return tidy(value);
    case 'number':
    case 'money':
      return readNumber(value, undefined);
    case 'integer':
      return readInteger(value, undefined);
    case 'boolean': {
      const answer = readBoolean(value);
      return answer === undefined ? failed('not_a_boolean', 'no word for yes or no') : done(answer);
    }
    case 'time':
      return asTime(value, {}, zone);
    case 'email':
    case 'phone':
    case 'country':
    case 'date':
      return applyNormaliser(value, type, country);
    case 'list':
      return isJsonList(value) ? done(value) : failed('not_a_list', 'not a list');
    default:
      return assertNever(type);
  }
}

function tidy(value: Json): Worked {
  const text = asText(value);
  return text.ok && typeof text.value === 'string' ? done(text.value.trim()) : text;
}

function short(worked: Worked): Worked {
  if (!worked.ok || typeof worked.value !== 'string' || worked.value.length <= MAX_KEY)
    return worked;
  return failed('too_long', `more than ${MAX_KEY} characters`);
}
