/** Requests of operators: stored once, carried out by the next step, answered with its verdict. */
import { inWorkspace } from '../shared/index.js';
import type { EnrolmentRef } from './customer-lock.js';
import type { EnginePool, OpenRequest, Verdict } from './types.js';

export interface NewRequest extends EnrolmentRef, OpenRequest {
  readonly actor: string;
}

/** Repeating it is harmless: the id is the caller's, and the first word stands. */
export async function recordOperatorRequest(pool: EnginePool, request: NewRequest): Promise<void> {
  await inWorkspace(pool, request.workspaceId, (client) =>
    client.query({
      name: 'record-request',
      text: `insert into operator_request (workspace_id, enrolment_id, request_id, kind, args, actor)
             values ($1, $2, $3, $4, $5, $6) on conflict do nothing`,
      values: [
        request.workspaceId,
        request.enrolmentId,
        request.requestId,
        request.kind,
        JSON.stringify(request.args),
        request.actor,
      ],
    }),
  );
}

/** Null while no step has seen it. */
export async function readOperatorVerdict(
  pool: EnginePool,
  request: EnrolmentRef & { readonly requestId: string },
): Promise<Verdict | null> {
  const { rows } = await inWorkspace(pool, request.workspaceId, (client) =>
    client.query<{ verdict: Verdict | null }>({
      name: 'read-verdict',
      text: 'select verdict from operator_request where workspace_id = $1 and enrolment_id = $2 and request_id = $3',
      values: [request.workspaceId, request.enrolmentId, request.requestId],
    }),
  );
  return rows[0]?.verdict ?? null;
}
