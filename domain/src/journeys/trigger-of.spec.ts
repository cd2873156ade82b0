import { describe, expect, it } from '@jest/globals';
import { change, event, NOON, ref } from './testing/builders.js';
import { triggerOf } from './trigger-of.js';

describe('the trigger that an enrolment keeps', () => {
  it('is the event as it was', () => {
    const happened = event(
      'Cart Updated',
      { cart_id: 'c1' },
      { eventTime: 5, messageId: 'm9', ref: ref(7) },
    );
    expect(triggerOf(happened)).toEqual({
      name: 'Cart Updated',
      properties: { cart_id: 'c1' },
      eventTime: 5,
      messageId: 'm9',
      ref: ref(7),
    });
  });

  it.each([
    ['entered', 'Segment Entered'],
    ['left', 'Segment Left'],
  ] as const)('is, for a segment %s, an event of ours', (to, name) => {
    expect(triggerOf(change('vip', to, ref(7)))).toEqual({
      name,
      properties: { segment: 'vip' },
      eventTime: NOON,
      messageId: null,
      ref: ref(7),
    });
  });
});
