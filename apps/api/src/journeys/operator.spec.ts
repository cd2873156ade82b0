import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { testTemporal } from '../../../../test/support/temporal.js';
import { at, openBench, textAt, type Bench } from '../testing/bench.js';
import { seedCustomer, type Seeded } from '../testing/seed.js';

const VERBS = ['skip-wait', 'force-exit', 'hold', 'resume', 'retry-step'];

describe('operating an enrolment', () => {
  let bench: Bench;
  let seeded: Seeded;

  beforeAll(async () => {
    const { address, namespace } = testTemporal();
    bench = await openBench({ temporalAddress: address, temporalNamespace: namespace });
    seeded = await seedCustomer(bench.sql, bench.shop.id);
  });
  afterAll(() => bench.close());

  const operate = (id: string, verb: string) =>
    bench.call(bench.shop.all, 'POST', `/api/v1/enrolments/${id}/${verb}`, { body: {} });

  it.each(VERBS)('by %s says 409 with the state when the run is not open', async (verb) => {
    const answer = await operate(seeded.enrolment, verb);
    expect(answer.status).toBe(409);
    expect(textAt(answer.body, 'detail')).toContain('active');
    expect(at(answer.body, 'code')).toBe('conflict');
  });

  it.each(VERBS)('by %s says 409 with the outcome when it has ended', async (verb) => {
    const answer = await operate(seeded.ended, verb);
    expect(answer.status).toBe(409);
    expect(textAt(answer.body, 'detail')).toContain('completed');
  });

  it('leaves no trace of what was refused', async () => {
    const audit = await bench.sql.query("select 1 from audit_log where action like 'enrolment.%'");
    expect(audit.rowCount).toBe(0);
  });

  it('refuses a reason of the wrong shape before it asks the run', async () => {
    const path = `/api/v1/enrolments/${seeded.enrolment}/hold`;
    const answer = await bench.call(bench.shop.all, 'POST', path, { body: { reason: 7 } });
    expect(answer.status).toBe(400);
  });
});

describe('operating while Temporal is away', () => {
  let bench: Bench;

  beforeAll(async () => {
    bench = await openBench();
  });
  afterAll(() => bench.close());

  it('says 503 and when to come again', async () => {
    const { enrolment } = await seedCustomer(bench.sql, bench.shop.id);
    const answer = await bench.call(
      bench.shop.all,
      'POST',
      `/api/v1/enrolments/${enrolment}/resume`,
    );
    expect(answer.status).toBe(503);
    expect(at(answer.body, 'code')).toBe('unavailable');
    expect(answer.headers.get('retry-after')).toBe('2');
  });
});
