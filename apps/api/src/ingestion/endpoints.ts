import type { Endpoint } from '@throughline/domain/ingestion';

/** Segment's calls, each at `/v1/<name>`. */
export const ENDPOINTS = [
  'identify',
  'track',
  'page',
  'screen',
  'group',
  'alias',
  'batch',
] as const satisfies readonly Endpoint[];
