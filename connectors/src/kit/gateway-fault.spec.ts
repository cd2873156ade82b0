import { describe, expect, it } from '@jest/globals';
import { resultOfFault } from './faults.js';
import { faultOfUnrepeatable } from './gateway-fault.js';
import { faultOfResponse } from './http-fault.js';
import { NOW_MS } from './testing/test-context.js';

function response(status: number): Parameters<typeof faultOfResponse>[0] {
  return { status, headers: {}, body: '', complete: true };
}

describe('an answer to a message that must not go out twice', () => {
  it.each([502, 504])('%i leaves open whether it went out', (status) => {
    const fault = faultOfUnrepeatable(response(status), NOW_MS);
    expect(fault).toMatchObject({ class: 'ambiguous', code: 'outcome_unknown' });
    expect(fault === undefined ? undefined : resultOfFault(fault, 'none')).toEqual({
      status: 'unknown',
      code: 'outcome_unknown',
    });
  });

  it.each([200, 202, 400, 401, 404, 408, 410, 429, 500, 501, 503])(
    '%i means what it means everywhere',
    (status) => {
      expect(faultOfUnrepeatable(response(status), NOW_MS)).toEqual(
        faultOfResponse(response(status), NOW_MS),
      );
    },
  );
});
