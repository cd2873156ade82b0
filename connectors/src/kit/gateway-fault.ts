/** What a status means for a message that must not go out twice and whose vendor knows no key of ours. */
import { ambiguous, type DeliveryFault } from './faults.js';
import { faultOfResponse } from './http-fault.js';
import type { HttpResponse } from './http-plan.js';

/** A gateway that got no good answer from behind it has passed the message on: it may be on its way. */
const GATEWAY = new Set([502, 504]);

export function faultOfUnrepeatable(
  response: HttpResponse,
  nowMs: number,
): DeliveryFault | undefined {
  if (GATEWAY.has(response.status)) {
    return ambiguous('outcome_unknown', `HTTP ${response.status} from a gateway`);
  }
  return faultOfResponse(response, nowMs);
}
