import type { Fault } from '../shared/index.js';

/** An error keeps a journey from being published; a warning is shown beside it. */
export interface JourneyFault extends Fault {
  readonly severity: 'error' | 'warning';
}

export function error(path: string, code: string, message: string): JourneyFault {
  return { path, code, message, severity: 'error' };
}

export function warning(path: string, code: string, message: string): JourneyFault {
  return { path, code, message, severity: 'warning' };
}
