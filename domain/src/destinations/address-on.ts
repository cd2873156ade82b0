import { normalisePhone } from '../catalogue/index.js';
import type { MessageChannel } from '../journeys/types.js';
import type { Traits } from '../profiles/types.js';

/** An identifier by which a person may be reached. */
export interface Contact {
  readonly type: string;
  readonly value: string;
}

/** What a channel's addresses are called, as trait and as type of identifier. */
const NAMES: Readonly<Record<MessageChannel, string>> = {
  email: 'email',
  sms: 'phone',
  push: 'push_token',
};

/**
 * Where a person is reached on a channel. The trait is the newest word of the person; an identifier, the newest first, stands in
 * where there is none. A phone number that is not written with its country is nobody's: it is not completed by guessing.
 */
export function addressOn(
  channel: MessageChannel,
  traits: Traits,
  contacts: readonly Contact[],
): string | null {
  const name = NAMES[channel];
  const trait = traits[name]?.v;
  const said = contacts.filter(({ type }) => type === name).map(({ value }) => value);
  const candidates = typeof trait === 'string' ? [trait, ...said] : said;
  for (const candidate of candidates) {
    const address = spelt(channel, candidate.trim());
    if (address !== '') return address;
  }
  return null;
}

function spelt(channel: MessageChannel, address: string): string {
  return channel === 'sms' ? (normalisePhone(address, undefined) ?? '') : address;
}
