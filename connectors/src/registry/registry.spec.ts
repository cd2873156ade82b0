import { describe, expect, it } from '@jest/globals';
import {
  closeConnectors,
  connectors,
  describeConnectors,
  findConnector,
  redactSettings,
  REDACTED,
  secretFields,
} from './index.js';

const settings = {
  'smtp-email': { host: 'h', port: 25, from: 'a@b.example', user: 'u', pass: 'canary' },
  webhook: { url: 'https://x.example', secret: 'canary', headers: { authorization: 'canary' } },
};

describe('the registry', () => {
  it('files every connector under its own key', () => {
    expect(Object.keys(connectors)).toEqual([
      'airship-push',
      'batch-push',
      'csv-s3',
      'google-data-manager',
      'hubspot',
      'klaviyo',
      'meta-conversions',
      'meta-custom-audiences',
      'smtp-email',
      'snapchat-audiences',
      'slack',
      'twilio-sms',
      'webhook',
    ]);
    for (const [key, definition] of Object.entries(connectors)) expect(definition.key).toBe(key);
  });

  it('finds connectors and nothing else', () => {
    expect(findConnector('webhook')?.name).toBe('Webhook');
    for (const key of ['nope', 'constructor', '__proto__', 'toString']) {
      expect(findConnector(key)).toBeUndefined();
    }
  });

  it('describes every connector as plain JSON that a form can be drawn from', () => {
    const described = describeConnectors();
    expect(structuredClone(described)).toEqual(described);
    for (const connector of described) {
      expect(connector.settings).toMatchObject({ type: 'object' });
      expect(connector.actions.length).toBeGreaterThan(0);
      for (const action of connector.actions) {
        expect(action.input).toMatchObject({ type: 'object' });
        expect(action.title).not.toBe('');
      }
    }
    expect(described.find((one) => one.key === 'smtp-email')?.settings).toMatchObject({
      properties: { pass: { secret: true }, port: { default: 587 } },
      required: ['host', 'from'],
    });
  });

  it('knows the secret fields of each', () => {
    const secrets = Object.values(connectors).map((one) => [one.key, secretFields(one)]);
    expect(Object.fromEntries(secrets)).toEqual({
      'airship-push': ['masterSecret'],
      'batch-push': ['restApiKey'],
      'csv-s3': ['secretAccessKey'],
      'google-data-manager': ['clientSecret', 'refreshToken'],
      hubspot: ['accessToken'],
      klaviyo: ['apiKey'],
      'meta-conversions': ['accessToken'],
      'meta-custom-audiences': ['accessToken'],
      'smtp-email': ['pass', 'receiptSecret'],
      'snapchat-audiences': ['clientSecret', 'refreshToken'],
      slack: ['url'],
      'twilio-sms': ['authToken'],
      webhook: ['secret', 'previousSecret', 'headers'],
    });
  });

  it.each(Object.entries(settings))('redacts %s: what is set, not what it is', (key, given) => {
    const definition = findConnector(key);
    const shown = definition === undefined ? {} : redactSettings(definition, given);
    expect(Object.keys(shown)).toEqual(Object.keys(given));
    expect(JSON.stringify(shown)).not.toContain('canary');
    expect(Object.values(shown)).toContain(REDACTED);
  });

  it('closes what is open, and can do so twice', async () => {
    await closeConnectors();
    await expect(closeConnectors()).resolves.toBeUndefined();
  });
});
