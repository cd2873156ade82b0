/** What the script tag says. */
import type { Options } from './client.js';

type Attributes = Readonly<Record<string, string | undefined>>;

const MOST_QUEUED = 500;

/** Null without a key: nobody would take what is sent. */
export function optionsOf(attributes: Attributes, origin: string): Options | null {
  const key = attributes['key'];
  if (key === undefined || key === '') return null;
  const most = Number(attributes['queue']);
  return {
    key,
    host: (attributes['host'] ?? origin).replace(/\/+$/, ''),
    consent: attributes['consent'] === 'given' ? 'given' : 'required',
    mostQueued: Number.isInteger(most) && most > 0 ? most : MOST_QUEUED,
  };
}
