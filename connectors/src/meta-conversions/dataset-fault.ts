/** What Meta's refusals mean to a dataset: the Graph API knows one way of saying that a thing is not there or not ours. */
import { configFault, type DeliveryFault } from '../kit/faults.js';
import type { HttpResponse } from '../kit/http-plan.js';
import { faultOfGraph } from '../meta-graph/graph-fault.js';

export function faultOfDataset(response: HttpResponse, nowMs: number): DeliveryFault | undefined {
  const fault = faultOfGraph(response, nowMs);
  if (fault?.code !== 'audience_unusable') return fault;
  return configFault('endpoint_not_found', fault.message);
}
