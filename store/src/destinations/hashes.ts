/** How people are recognised in tables that must not hold their addresses. */
import { createHash } from 'node:crypto';

/** Key of `suppression`: one address of one channel, spelt as mail systems compare them. */
export function addressHash(channel: string, address: string): Buffer {
  return createHash('sha256')
    .update(`${channel}:${normaliseAddress(address)}`, 'utf8')
    .digest();
}

/** Upper and lower case are one mailbox everywhere in practice. */
function normaliseAddress(address: string): string {
  return address.trim().toLowerCase();
}
