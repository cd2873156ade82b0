/** A member as Data Manager takes it: by contact data, by a device's advertising id, or by an id of ours; a list holds one kind. */
import { googleFields, hashed } from '../hashing/index.js';
import type { AudienceMember } from '../kit/audience.js';

export type MemberKind = 'userData' | 'mobileData' | 'userIdData';

export interface GoogleMember {
  readonly kind: MemberKind;
  readonly value: Readonly<Record<string, unknown>>;
}

export function googleMember(member: AudienceMember): GoogleMember | undefined {
  const userIdentifiers = identifiersOf(member);
  if (userIdentifiers.length > 0) return { kind: 'userData', value: { userIdentifiers } };
  const { mobileAdId, externalId } = member;
  const mobileId = mobileAdId === undefined ? undefined : googleFields.mobileAdId(mobileAdId);
  if (mobileId !== undefined) return { kind: 'mobileData', value: { mobileIds: [mobileId] } };
  const userId = externalId?.trim() ?? '';
  return userId === '' ? undefined : { kind: 'userIdData', value: { userId } };
}

function identifiersOf(member: AudienceMember): readonly Readonly<Record<string, unknown>>[] {
  const { email, phone, country } = member;
  const emailAddress = hashed(email, googleFields.email);
  const phoneNumber = hashed(phone, (text) => googleFields.phone(text, country));
  const address = addressOf(member);
  return [
    ...(emailAddress === undefined ? [] : [{ emailAddress }]),
    ...(phoneNumber === undefined ? [] : [{ phoneNumber }]),
    ...(address === undefined ? [] : [{ address }]),
  ];
}

/** All four parts or none: Google refuses half an address. Names are hashed, places are not. */
function addressOf(member: AudienceMember): Readonly<Record<string, string>> | undefined {
  const givenName = hashed(member.firstName, googleFields.givenName);
  const familyName = hashed(member.lastName, googleFields.familyName);
  const regionCode = googleFields.regionCode(member.country);
  const postalCode = googleFields.postalCode(member.postalCode ?? '');
  if (givenName === undefined || familyName === undefined) return undefined;
  if (regionCode === undefined || postalCode === undefined) return undefined;
  return { givenName, familyName, regionCode, postalCode };
}

/** Only what somebody has said counts as granted. */
export function googleConsent({ consent }: AudienceMember): Readonly<Record<string, string>> {
  const status = consent === 'granted' ? 'CONSENT_GRANTED' : 'CONSENT_STATUS_UNSPECIFIED';
  return { adUserData: status, adPersonalization: status };
}
