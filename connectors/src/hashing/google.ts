/** User data in the form that Google's Data Manager hashes and compares. */
import { countryCode } from './countries.js';
import { phoneWithPlus } from './phone.js';
import { advertisingId, isEmail, plain, some, withoutSpaces } from './text.js';

const GMAIL = /^(.+)@(gmail\.com|googlemail\.com)$/;
const TITLE = /^(?:mrs|mr|ms|dr)\.(?:\s+|$)/;
const SUFFIX = /(?:,\s*|\s+)(?:jr|sr|2nd|3rd|ii|iii|iv|v|vi|cpa|dc|dds|vm|jd|md|phd)\.?\s*,?$/;

/** Of Gmail's own addresses alone are dots and +tag taken away: elsewhere they may be another person. */
function email(text: string): string | undefined {
  const email = plain(withoutSpaces(text)) ?? '';
  const [, local, domain] = GMAIL.exec(email) ?? [];
  if (local === undefined || domain === undefined) return isEmail(email) ? email : undefined;
  const name = local.replace(/\+.*$/, '').replace(/\./g, '');
  return name === '' ? undefined : `${name}@${domain}`;
}

function givenName(text: string): string | undefined {
  return untilStill(text, (name) => name.replace(TITLE, ''));
}

function familyName(text: string): string | undefined {
  return untilStill(text, (name) => name.replace(SUFFIX, ''));
}

/** Not hashed. */
function postalCode(text: string): string | undefined {
  return some(text.trim());
}

export const googleFields = {
  email,
  phone: phoneWithPlus,
  givenName,
  familyName,
  /** Not hashed, in capitals. */
  regionCode: countryCode,
  postalCode,
  /** Not hashed. */
  mobileAdId: advertisingId,
};

/** "quinn, jr., dds" loses two suffixes, one after the other. */
function untilStill(text: string, step: (name: string) => string): string | undefined {
  let name = plain(text) ?? '';
  for (;;) {
    const next = step(name).trim();
    if (next === name) return some(name);
    name = next;
  }
}
