import type { MappingCode } from './mapping-code.js';

/** Every reason for which a row or a value is refused, in a sentence for whoever has to mend the file. */
export const MAPPING_CODES: Readonly<Record<MappingCode, string>> = {
  not_a_row: 'The row is not an object, or the list that holds the events is none.',
  too_deep: 'The row is nested deeper than any event may be.',
  unknown_attribute: 'The mapping names an attribute that the catalogue does not have.',
  not_text: 'The value is neither text nor a number.',
  not_a_number: 'The value is not a number in the form that the mapping says.',
  not_an_integer: 'The value is not a whole number.',
  number_precision_lost: 'The number has more digits than can be held; map it as text.',
  not_a_boolean: 'The value is no word for yes or no.',
  not_a_date: 'The value is not a day in the format that the mapping says.',
  not_a_time: 'The value is not a time in the format that the mapping says.',
  not_json: 'The value is not valid JSON.',
  not_a_list: 'The value is not a list.',
  unknown_word: 'The value is not in the table of words of the mapping.',
  invalid_email: 'The value cannot be an e-mail address.',
  invalid_phone: 'The value cannot be a telephone number, or its country is not known.',
  invalid_country: 'The value is no country that we know by code or name.',
  invalid_currency: 'The value is no currency code of ISO 4217.',
  invalid_consent: 'The value is not granted, denied, revoked, yes or no.',
  too_long: 'The value is longer than an attribute of its role can be.',
  missing_identity: 'Nothing in the row says who it is about.',
  missing_event_name: 'Nothing in the row says what happened.',
  missing_time: 'The row has no time although the mapping reads one.',
  missing_order_id: 'The order has no id, so that nobody could tell it from another.',
};
