/** Segments: how little many of them cost, how late time moves people out, how fast everybody is asked anew. */
import type { Figure } from '../figures.js';
import type { GroupContext } from './group.js';
import { segmentsDue } from './segments-due.js';
import { segmentsRecompute } from './segments-recompute.js';
import { segmentsScale } from './segments-scale.js';

/** Leaving by time comes first: it is timed on a lane that nothing else keeps busy. */
export async function segments(context: GroupContext): Promise<Figure[]> {
  const due = await segmentsDue(context);
  const scale = await segmentsScale(context);
  return [scale, due, ...(await segmentsRecompute(context))];
}
