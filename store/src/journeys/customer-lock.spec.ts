import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eventually } from '../../../test/support/eventually.js';
import { classifyStoreError } from '../shared/sql-state.js';
import { newId } from '../shared/index.js';
import { SubjectMoved, Superseded, underCustomerLock } from './customer-lock.js';
import { readOperatorVerdict, recordOperatorRequest } from './operator-requests.js';
import { CART } from './testing/definitions.js';
import { JourneyWorld, type Enrolled } from './testing/journey-world.js';

let world: JourneyWorld;

beforeAll(async () => {
  world = await JourneyWorld.create();
  await world.journey(CART);
});
afterAll(() => world.close());

async function enrolled(): Promise<Enrolled> {
  const customerId = await world.customer();
  return world.enrol({ journey: 'cart', customerId, clock: Date.now() });
}

const refOf = ({ enrolmentId }: Enrolled) => ({ workspaceId: world.workspaceId, enrolmentId });

describe('the lock of a customer', () => {
  it('is of whoever the enrolment belongs to, and holds for the whole transaction', async () => {
    const run = await enrolled();
    const seen = await underCustomerLock(world.engine, refOf(run), async (_client, subjectId) => {
      const attempt = world.admin.query(
        'select 1 from customer where customer_id = $1 for no key update nowait',
        [subjectId],
      );
      await expect(attempt).rejects.toMatchObject({ code: '55P03' });
      return subjectId;
    });
    expect(seen).toBe(run.customerId);
    const after = await world.admin.query(
      'select 1 from customer where customer_id = $1 for no key update nowait',
      [run.customerId],
    );
    expect(after.rowCount).toBe(1);
  });

  it('does not stop rows that only refer to the customer', async () => {
    const run = await enrolled();
    await underCustomerLock(world.engine, refOf(run), async () => {
      const read = await world.admin.query(
        'select 1 from customer where customer_id = $1 for key share nowait',
        [run.customerId],
      );
      expect(read.rowCount).toBe(1);
    });
  });

  it('lets one in after the other', async () => {
    const run = await enrolled();
    const order: string[] = [];
    await Promise.all(
      ['a', 'b', 'c'].map((name) =>
        underCustomerLock(world.engine, refOf(run), async (client) => {
          order.push(`${name} in`);
          await client.query('select pg_sleep(0.02)');
          order.push(`${name} out`);
        }),
      ),
    );
    for (let index = 0; index < order.length; index += 2) {
      const [name = ''] = order[index]?.split(' ') ?? [];
      expect(order[index + 1]).toBe(`${name} out`);
    }
  });

  it('of two people is two locks', async () => {
    const [one, other] = [await enrolled(), await enrolled()];
    await underCustomerLock(world.engine, refOf(one), async () => {
      await underCustomerLock(world.engine, refOf(other), () => Promise.resolve());
    });
  });

  it('is given up within its time, as an outage that is tried again', async () => {
    const run = await enrolled();
    const holder = await world.admin.connect();
    try {
      await holder.query('begin');
      await holder.query('select 1 from customer where customer_id = $1 for update', [
        run.customerId,
      ]);
      const error: unknown = await underCustomerLock(world.engine, refOf(run), () =>
        Promise.resolve(),
      ).catch((reason: unknown) => reason);
      expect(classifyStoreError(error)).toBe('outage');
    } finally {
      await holder.query('rollback');
      holder.release();
    }
  });

  it('is not to be had for an enrolment that is gone, or of another workspace', async () => {
    const work = (): Promise<never> => Promise.reject(new TypeError('nobody may come here'));
    const gone = { workspaceId: world.workspaceId, enrolmentId: newId() };
    await expect(underCustomerLock(world.engine, gone, work)).rejects.toThrow(Superseded);
    const foreign = { workspaceId: newId(), enrolmentId: (await enrolled()).enrolmentId };
    await expect(underCustomerLock(world.engine, foreign, work)).rejects.toThrow(Superseded);
  });

  it('begins again with the survivor when a merge came in between', async () => {
    const run = await enrolled();
    const survivor = await world.customer();
    const asked: string[] = [];
    const subject = await underCustomerLock(
      world.engine,
      refOf(run),
      async (_client, subjectId) => {
        asked.push(subjectId);
        if (asked.length > 1) return subjectId;
        await world.sql(
          'update enrolment set subject_id = $2 where workspace_id = $1 and enrolment_id = $3',
          survivor,
          run.enrolmentId,
        );
        throw new SubjectMoved('subject_moved');
      },
    );
    expect(subject).toBe(survivor);
    expect(asked).toEqual([run.customerId, survivor]);
  });

  it('gives up on somebody who never stands still, and keeps nothing of the attempts', async () => {
    const run = await enrolled();
    let attempts = 0;
    const work = underCustomerLock(world.engine, refOf(run), async (client) => {
      attempts += 1;
      await client.query(
        'update enrolment set held_reason = $3 where workspace_id = $1 and enrolment_id = $2',
        [world.workspaceId, run.enrolmentId, `attempt ${attempts}`],
      );
      throw new SubjectMoved('subject_moved');
    });
    await expect(work).rejects.toThrow(SubjectMoved);
    expect(attempts).toBe(5);
    expect(await world.enrolment(run)).toMatchObject({ held_reason: null });
  });

  it('does not try again what failed for another reason', async () => {
    const run = await enrolled();
    let attempts = 0;
    const work = underCustomerLock(world.engine, refOf(run), () => {
      attempts += 1;
      return Promise.reject(new TypeError('ours'));
    });
    await expect(work).rejects.toThrow('ours');
    expect(attempts).toBe(1);
  });

  it('is let go of when its holder loses the connection', async () => {
    const run = await enrolled();
    const lost = underCustomerLock(world.engine, refOf(run), async (client) => {
      const { rows } = await client.query<{ pid: number }>('select pg_backend_pid() as pid');
      await world.admin.query('select pg_terminate_backend($1)', [rows[0]?.pid]);
      await client.query('select 1');
    });
    await expect(lost).rejects.toThrow();
    await eventually(() => underCustomerLock(world.engine, refOf(run), () => Promise.resolve()));
  });
});

describe('a request of an operator', () => {
  const requestOf = (run: Enrolled, requestId: string) => ({
    ...refOf(run),
    requestId,
    kind: 'forceExit' as const,
    args: { reason: 'complaint' },
    actor: 'key:ops',
  });

  it('has no verdict until a step has seen it', async () => {
    const run = await enrolled();
    const request = requestOf(run, newId());
    await recordOperatorRequest(world.engine, request);
    expect(await readOperatorVerdict(world.engine, request)).toBeNull();
  });

  it('is answered with what the step decided', async () => {
    const run = await enrolled();
    await world.step(run, 0);
    const request = requestOf(run, newId());
    await recordOperatorRequest(world.engine, request);
    await world.step(run, 1);
    expect(await readOperatorVerdict(world.engine, request)).toEqual({
      accepted: true,
      state: 'ended',
    });
  });

  it('is one request however often it is made, and the first word stands', async () => {
    const run = await enrolled();
    const request = requestOf(run, newId());
    await Promise.all([1, 2, 3].map(() => recordOperatorRequest(world.engine, request)));
    await recordOperatorRequest(world.engine, { ...request, kind: 'hold', args: {} });
    const rows = await world.sql(
      'select kind, args, actor from operator_request where workspace_id = $1 and request_id = $2',
      request.requestId,
    );
    expect(rows).toEqual([{ kind: 'forceExit', args: { reason: 'complaint' }, actor: 'key:ops' }]);
  });

  it('of one enrolment says nothing of another with the same id', async () => {
    const [one, other] = [await enrolled(), await enrolled()];
    const requestId = newId();
    await recordOperatorRequest(world.engine, requestOf(one, requestId));
    await recordOperatorRequest(world.engine, requestOf(other, requestId));
    await world.step(one, 0);
    await world.step(one, 1);
    expect(await readOperatorVerdict(world.engine, requestOf(one, requestId))).not.toBeNull();
    expect(await readOperatorVerdict(world.engine, requestOf(other, requestId))).toBeNull();
  });

  it('that nobody made has no verdict', async () => {
    const run = await enrolled();
    expect(await readOperatorVerdict(world.engine, requestOf(run, newId()))).toBeNull();
  });

  it('of another workspace is not seen', async () => {
    const run = await enrolled();
    const request = requestOf(run, newId());
    await recordOperatorRequest(world.engine, request);
    const foreign = recordOperatorRequest(world.engine, { ...request, workspaceId: newId() });
    await foreign.catch(() => undefined);
    const asked = await readOperatorVerdict(world.engine, { ...request, workspaceId: newId() });
    expect(asked).toBeNull();
  });
});
