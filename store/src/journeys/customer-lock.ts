/**
 * Whoever touches a person's enrolments, waits or deliveries holds that person's row. The lane holds the same lock while it
 * applies events, so what is read below was not changing while it was read.
 */
import { inWorkspace, openPool, type Queryable } from '../shared/index.js';
import type { EnginePool } from './types.js';

/** The run that asks is not, or no longer, the run of this enrolment: it ends without a word. */
export class Superseded extends Error {
  override readonly name = 'Superseded';
  readonly code = 'superseded';
}

/** A merge gave the enrolment to another customer between looking up whom to lock and holding the lock. */
export class SubjectMoved extends Error {
  override readonly name = 'SubjectMoved';
  readonly code = 'subject_moved';
}

/** Merges are flattened, so a second attempt meets the survivor; more than a few in a row are not a race. */
const ATTEMPTS = 5;

/** Short limits: a step or a reservation that hangs must never stop the lane of a whole workspace. */
export function openEnginePool(options: {
  url: string;
  max?: number;
  onError?: (error: Error) => void;
}): EnginePool {
  return openPool({
    ...options,
    role: 'tl_engine',
    lockTimeoutMs: 1_000,
    transactionTimeoutMs: 3_000,
  });
}

export interface EnrolmentRef {
  readonly workspaceId: string;
  readonly enrolmentId: string;
}

/** Runs `work` in one transaction that holds the lock of the customer whose enrolment it is. */
export async function underCustomerLock<T>(
  pool: EnginePool,
  enrolment: EnrolmentRef,
  work: (client: Queryable, subjectId: string) => Promise<T>,
): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await inWorkspace(pool, enrolment.workspaceId, async (client) =>
        work(client, await lockSubject(client, enrolment)),
      );
    } catch (error) {
      if (!(error instanceof SubjectMoved) || attempt >= ATTEMPTS) throw error;
    }
  }
}

/** The caller compares the subject that it reads next with the one locked here, and begins again if it moved. */
async function lockSubject(
  client: Queryable,
  { workspaceId, enrolmentId }: EnrolmentRef,
): Promise<string> {
  const { rows } = await client.query<{ customer_id: string }>({
    name: 'lock-subject',
    text: `select c.customer_id from customer c
            where c.workspace_id = $1
              and c.customer_id = (select e.subject_id from enrolment e where e.workspace_id = $1 and e.enrolment_id = $2)
              for no key update of c`,
    values: [workspaceId, enrolmentId],
  });
  const [row] = rows;
  if (row === undefined) throw new Superseded('no_such_enrolment');
  return row.customer_id;
}
