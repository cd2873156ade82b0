import { assertNever } from '../shared/index.js';
import type { Happening, TriggerContext } from './types.js';

/** The trigger as an enrolment keeps it. A change of membership is named like our own event, and its time is the lane's. */
export function triggerOf(happening: Happening): TriggerContext {
  const { ref } = happening;
  switch (happening.kind) {
    case 'event': {
      const { name, properties, eventTime, messageId } = happening;
      return { name, properties, eventTime, messageId, ref };
    }
    case 'segment': {
      const name = happening.change === 'entered' ? 'Segment Entered' : 'Segment Left';
      const properties = { segment: happening.segment };
      return { name, properties, eventTime: ref.clock, messageId: null, ref };
    }
    case 'date':
      return { name: 'Date Reached', properties: {}, eventTime: ref.clock, messageId: null, ref };
    default:
      return assertNever(happening);
  }
}
