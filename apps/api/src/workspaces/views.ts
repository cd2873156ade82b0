import { z } from 'zod';
import {
  SCOPES,
  type ApiKey,
  type AuditRow,
  type IssuedKey,
  type Source,
  type Workspace,
} from '@throughline/store/workspaces';
import { iso, isoOrNull } from '../common/params.js';

/** What leaves of workspaces, keys, sources and audit: schema for the document, function for the answer. */
const Time = z.iso.datetime();

export const WorkspaceView = z.object({
  id: z.uuid(),
  key: z.string(),
  name: z.string(),
  createdAt: Time,
});

export function workspaceView(row: Workspace): z.infer<typeof WorkspaceView> {
  return { id: row.workspaceId, key: row.key, name: row.name, createdAt: iso(row.createdAt) };
}

export const KeyView = z.object({
  id: z.uuid(),
  name: z.string(),
  scopes: z.array(z.enum(SCOPES)),
  source: z.string().nullable().describe('the source whose events a write key carries'),
  prefix: z.string().describe('how the key begins; the rest is shown once, when it is made'),
  createdAt: Time,
  expiresAt: Time.nullable(),
  revokedAt: Time.nullable(),
});

export const IssuedKeyView = KeyView.extend({
  key: z.string().describe('the key itself; it is not kept and cannot be shown again'),
});

export function keyView(row: ApiKey): z.infer<typeof KeyView> {
  return {
    id: row.keyId,
    name: row.name,
    scopes: SCOPES.filter((scope) => row.scopes.includes(scope)),
    source: row.sourceKey,
    prefix: row.prefix,
    createdAt: iso(row.createdAt),
    expiresAt: isoOrNull(row.expiresAt),
    revokedAt: isoOrNull(row.revokedAt),
  };
}

export function issuedKeyView(row: IssuedKey): z.infer<typeof IssuedKeyView> {
  return { ...keyView(row), key: row.key };
}

export const SourceView = z.object({
  key: z.string(),
  name: z.string(),
  kind: z.string(),
  state: z.enum(['active', 'paused']),
  createdAt: Time,
});

export function sourceView(row: Source): z.infer<typeof SourceView> {
  const { sourceKey, name, kind, state, createdAt } = row;
  return { key: sourceKey, name, kind, state, createdAt: iso(createdAt) };
}

export const AuditView = z.object({
  id: z.uuid(),
  at: Time,
  actor: z.string(),
  action: z.string(),
  subject: z.string(),
  detail: z.record(z.string(), z.unknown()),
});

export function auditView(row: AuditRow): z.infer<typeof AuditView> {
  const { auditId, at, actor, action, subject, detail } = row;
  return { id: auditId, at: iso(at), actor, action, subject, detail };
}
