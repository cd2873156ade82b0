import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { addressHash } from '../destinations/hashes.js';
import { inWorkspace, openPool } from '../shared/index.js';
import { appendInternal } from './append.js';
import { identify, openLaneKit, type LaneKit } from './testing/lane-kit.js';

describe('what comes back of messages', () => {
  let kit: LaneKit;
  let customerId: string;

  beforeAll(async () => {
    kit = await openLaneKit();
    await kit.send(identify({ userId: 'u-1' }, { email: 'ada@example.com' }));
    await kit.drain();
    const [row] = await kit.rows<{ id: string }>(
      'select customer_id as id from customer where workspace_id = $1',
      [kit.workspaceId],
    );
    customerId = row?.id ?? '';
  });
  afterAll(() => kit.close());

  let count = 0;

  async function tell(name: string, properties: Record<string, string | boolean>): Promise<void> {
    count += 1;
    const messageId = `receipt-${count}`;
    const event = {
      messageId,
      type: 'track',
      name,
      customerId,
      at: Date.now(),
      properties,
      hop: 1,
    } as const;
    const app = openPool({ url: kit.url, role: 'tl_app', max: 1 });
    await inWorkspace(app, kit.workspaceId, (client) =>
      appendInternal(client, kit.workspaceId, [event]),
    );
    await app.end();
    await kit.drain();
  }

  const suppressed = (channel: string, address: string) =>
    kit.rows<{ reason: string }>(
      'select reason from suppression where workspace_id = $1 and channel = $2 and address_hash = $3',
      [kit.workspaceId, channel, addressHash(channel, address)],
    );
  const hashOf = (channel: string, address: string) => ({
    channel,
    addressHash: addressHash(channel, address).toString('hex'),
  });

  it('suppresses an address that is dead, on its channel', async () => {
    const number = '+491701234567';
    await tell('Message Bounced', { ...hashOf('sms', number), permanent: true });
    expect(await suppressed('sms', number)).toEqual([{ reason: 'hard_bounce' }]);
    expect(await suppressed('email', number)).toEqual([]);
  });

  it('suppresses the address of somebody who complained', async () => {
    await tell('Message Complained', hashOf('email', 'bea@example.com'));
    expect(await suppressed('email', 'bea@example.com')).toEqual([{ reason: 'complaint' }]);
  });

  it.each([
    ['a bounce that may pass', 'Message Bounced', { permanent: false }],
    ['a delivery', 'Message Delivered', { permanent: true }],
  ])('does not suppress by %s', async (_name, name, more) => {
    await tell(name, { ...hashOf('email', 'cleo@example.com'), ...more });
    expect(await suppressed('email', 'cleo@example.com')).toEqual([]);
  });

  it('does not suppress by an event of a source, whatever it is called', async () => {
    const properties = hashOf('email', 'dora@example.com');
    await kit.send({
      type: 'track',
      userId: 'u-1',
      event: 'Message Complained',
      messageId: 'from-outside',
      properties,
    });
    await kit.drain();
    expect(await suppressed('email', 'dora@example.com')).toEqual([]);
  });
});
