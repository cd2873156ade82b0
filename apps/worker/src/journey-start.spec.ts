import { describe, expect, it } from '@jest/globals';
import type { OutboxRow } from '@throughline/store/journeys';
import { newId } from '@throughline/store/shared';
import { journeyWorkflowId, SEARCH_ATTRIBUTES } from '@throughline/workflows/contract';
import { startOptions } from './journey-start.js';

const SURROUNDINGS = { taskQueue: 'journeys', publicUrl: 'https://shop.example' };

function row(overrides: Partial<OutboxRow> = {}): OutboxRow {
  return {
    outboxId: 1,
    workspaceId: newId(),
    enrolmentId: newId(),
    journeyKey: 'abandoned-cart',
    kind: 'start',
    generation: 1,
    attempts: 1,
    version: 3,
    customerId: newId(),
    createdAt: 0,
    ...overrides,
  };
}

describe('the start of a run', () => {
  it('says whose run it is, from its beginning, on the queue of journeys', () => {
    const start = row({ generation: 4 });
    const { workspaceId, enrolmentId, journeyKey } = start;
    expect(startOptions(start, SURROUNDINGS)).toMatchObject({
      workflowId: journeyWorkflowId(journeyKey, enrolmentId),
      taskQueue: 'journeys',
      args: [{ workspaceId, enrolmentId, journeyKey, generation: 4, seq: 0 }],
    });
  });

  it('carries references and nothing of the person', () => {
    const [input] = startOptions(row(), SURROUNDINGS)?.args ?? [];
    expect(Object.keys(input ?? {}).sort()).toEqual([
      'enrolmentId',
      'generation',
      'journeyKey',
      'seq',
      'workspaceId',
    ]);
  });

  it('is one start however often it is made', () => {
    expect(startOptions(row(), SURROUNDINGS)).toMatchObject({
      workflowIdReusePolicy: 'REJECT_DUPLICATE',
      workflowIdConflictPolicy: 'FAIL',
    });
  });

  it('anew takes the place of whatever run there is', () => {
    expect(startOptions(row({ kind: 'restart' }), SURROUNDINGS)).toMatchObject({
      workflowIdReusePolicy: 'ALLOW_DUPLICATE',
      workflowIdConflictPolicy: 'TERMINATE_EXISTING',
    });
  });

  it('does not come about for an enrolment that is gone', () => {
    expect(startOptions(row({ version: null }), SURROUNDINGS)).toBeNull();
    expect(startOptions(row({ customerId: null }), SURROUNDINGS)).toBeNull();
  });

  it('is found by every attribute that it carries, and the namespace knows all of them', () => {
    const start = row();
    const options = startOptions(start, SURROUNDINGS);
    const pairs = options?.typedSearchAttributes;
    const list = Array.isArray(pairs) ? pairs : [];
    const found = new Map(list.map(({ key, value }) => [key.name, value]));
    expect(Object.fromEntries(found)).toEqual({
      JourneyKey: 'abandoned-cart',
      JourneyVersion: 3,
      CustomerRef: start.customerId,
      JourneyState: 'active',
      TenantId: start.workspaceId,
    });
    for (const name of found.keys()) expect(Object.keys(SEARCH_ATTRIBUTES)).toContain(name);
  });

  it('tells whoever looks at it where to read on, and names nobody', () => {
    const start = row();
    const { staticSummary = '', staticDetails = '' } = startOptions(start, SURROUNDINGS) ?? {};
    expect(staticSummary).toBe(`abandoned-cart v3 · customer ${start.customerId?.slice(-8) ?? ''}`);
    expect(staticDetails).toContain(`https://shop.example/api/v1/enrolments/${start.enrolmentId}`);
    expect(staticDetails).toContain(
      `https://shop.example/api/v1/customers/${start.customerId ?? ''}`,
    );
  });
});
