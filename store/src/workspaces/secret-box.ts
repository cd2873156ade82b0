import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto';
import { isJsonObject, ThroughlineError, type JsonObject } from '@throughline/domain/shared';

/** Ciphertext beside the name of its key: nonce (12 bytes), tag (16), text. */
export interface Sealed {
  readonly keyId: string;
  readonly sealed: Buffer;
}

export interface SecretBox {
  readonly keyId: string;
  /** `owner` is authenticated with the text: a row moved to another connection does not open there. */
  seal(secrets: JsonObject, owner: string): Sealed;
  open(sealed: Sealed, owner: string): JsonObject;
}

/** Who a connection's secrets belong to, in one place for those who seal and those who open. */
export function secretOwner(workspaceId: string, connectionKey: string): string {
  return `${workspaceId}:${connectionKey}`;
}

/** AES-256-GCM under the first key; the others only open what was sealed before a rotation. */
export function createSecretBox(keys: readonly [Buffer, ...Buffer[]]): SecretBox {
  const byId = new Map(keys.map((key) => [keyId(key), key]));
  const current = keys[0];
  return {
    keyId: keyId(current),
    seal(secrets, owner) {
      const nonce = randomBytes(12);
      const cipher = createCipheriv('aes-256-gcm', current, nonce).setAAD(Buffer.from(owner));
      const text = Buffer.concat([cipher.update(JSON.stringify(secrets), 'utf8'), cipher.final()]);
      return { keyId: keyId(current), sealed: Buffer.concat([nonce, cipher.getAuthTag(), text]) };
    },
    open(sealed, owner) {
      const key = byId.get(sealed.keyId);
      if (key === undefined) {
        throw new ThroughlineError('internal', `The secret key ${sealed.keyId} is not configured.`);
      }
      return decrypt(key, sealed.sealed, owner);
    },
  };
}

function decrypt(key: Buffer, sealed: Buffer, owner: string): JsonObject {
  const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(0, 12))
    .setAAD(Buffer.from(owner))
    .setAuthTag(sealed.subarray(12, 28));
  const text = Buffer.concat([decipher.update(sealed.subarray(28)), decipher.final()]);
  const secrets: unknown = JSON.parse(text.toString('utf8'));
  return isJsonObject(secrets) ? secrets : {};
}

function keyId(key: Buffer): string {
  return createHash('sha256')
    .update('throughline secret key')
    .update(key)
    .digest('hex')
    .slice(0, 12);
}
