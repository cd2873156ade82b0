/** The person of an event as Meta matches people: names and numbers hashed, what belongs to a browser as it is. */
import { z } from 'zod';
import { hashed, metaFields } from '../hashing/index.js';
import { filled, optionalInput, type OptionalInput } from '../kit/inputs.js';

function field(title: string, maxLength = 500): OptionalInput<z.ZodString> {
  return optionalInput(z.string().max(maxLength)).meta({ title });
}

export const UserFields = {
  email: field('E-mail'),
  phone: field('Phone').meta({
    description: 'With country code, or a number of the country given below.',
  }),
  firstName: field('First name'),
  lastName: field('Last name'),
  gender: field('Gender'),
  birthDate: field('Date of birth').meta({ description: 'YYYY-MM-DD' }),
  city: field('City'),
  state: field('State or region'),
  postalCode: field('Postal code'),
  country: field('Country').meta({ description: 'Code of two letters, or English name.' }),
  externalId: field('Own id of the person'),
  clickId: field('Click id (fbc)'),
  browserId: field('Browser id (fbp)'),
  clientIp: optionalInput(z.union([z.ipv4(), z.ipv6()])).meta({ title: 'IP address' }),
  userAgent: field('User agent', 2_000),
};
export type UserFields = z.infer<z.ZodObject<typeof UserFields>>;

export function userData(person: UserFields): Record<string, unknown> {
  const { country } = person;
  return filled({
    em: one(hashed(person.email, metaFields.email)),
    ph: one(hashed(person.phone, (text) => metaFields.phone(text, country))),
    fn: one(hashed(person.firstName, metaFields.name)),
    ln: one(hashed(person.lastName, metaFields.name)),
    ge: one(hashed(person.gender, metaFields.gender)),
    db: one(hashed(person.birthDate, metaFields.birthDate)),
    ct: one(hashed(person.city, metaFields.city)),
    st: one(hashed(person.state, (text) => metaFields.state(text, country))),
    zp: one(hashed(person.postalCode, (text) => metaFields.zip(text, country))),
    country: one(hashed(country, metaFields.country)),
    external_id: one(hashed(person.externalId, (text) => text)),
    fbc: person.clickId,
    fbp: person.browserId,
    client_ip_address: person.clientIp,
    client_user_agent: person.userAgent,
  });
}

/** Whether Meta could find anybody by it: a user agent is that of thousands. */
export function canMatch(person: UserFields): boolean {
  return Object.keys(userData(person)).some((name) => name !== 'client_user_agent');
}

/** Meta takes several values of each hashed field; we know one. */
function one(hash: string | undefined): readonly string[] | undefined {
  return hash === undefined ? undefined : [hash];
}
