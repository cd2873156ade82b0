/** The setting by which a connection calls another host than the vendor's usual one; the guard of the way out judges it like any other. */
import { z } from 'zod';

/** A field of every connector's settings: `baseUrl: BaseUrl`. */
export const BaseUrl = z
  .url({ protocol: /^https?$/ })
  .max(500)
  .refine(isBare, { message: 'must have no user, password, query or fragment' })
  .optional()
  .meta({ title: 'Base URL', description: 'Stand-in or regional host; the usual one if empty.' });

/** A path below a base that may itself have one. */
export function urlOn(base: string, path: string): string {
  return `${base.replace(/\/+$/, '')}${path}`;
}

function isBare(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { username, password, search, hash } = new URL(text);
  return `${username}${password}${search}${hash}` === '';
}
