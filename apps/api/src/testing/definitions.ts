/** Definitions that are as small as valid ones can be; tests add what they are about. */
export function segment(
  key: string,
  condition: unknown = { trait: 'plan', op: 'equals', value: 'pro' },
) {
  return { key, name: `Segment ${key}`, condition };
}

export function template(key: string, subject = 'Hello {{ traits.name }}') {
  return {
    key,
    name: `Template ${key}`,
    channel: 'email',
    subject,
    text: 'Your cart {{ trigger.properties.cart_id }} waits.',
  };
}

export function mailConnection(key: string, settings: Readonly<Record<string, unknown>> = {}) {
  return {
    key,
    name: `Connection ${key}`,
    connector: 'smtp-email',
    settings: { host: '127.0.0.1', port: 2525, from: 'Shop <shop@example.com>', ...settings },
  };
}

export function journey(key: string, overrides: Readonly<Record<string, unknown>> = {}) {
  return {
    key,
    name: `Journey ${key}`,
    trigger: { kind: 'event', event: 'Product Added' },
    entry: { reentry: 'perKey', path: 'cart_id', maxConcurrent: 1 },
    start: 'wait',
    steps: {
      wait: {
        kind: 'waitFor',
        branches: [
          {
            id: 'bought',
            on: { kind: 'event', event: 'Order Completed', same: 'cart_id' },
            next: 'bought',
          },
        ],
        timeout: { after: { hours: 4 }, next: 'mail' },
      },
      mail: {
        kind: 'message',
        channel: 'email',
        connection: 'mail',
        template: 'reminder',
        next: 'done',
      },
      bought: { kind: 'exit', reason: 'bought' },
      done: { kind: 'exit', reason: 'reminded' },
    },
    exits: [],
    goals: [],
    purpose: 'marketing',
    maxTriggerAge: { hours: 1 },
    messageExpiry: { hours: 6 },
    ...overrides,
  };
}

export function mapping(key: string, overrides: Readonly<Record<string, unknown>> = {}) {
  return {
    key,
    target: 'customers',
    fields: [{ to: 'user_id', from: { path: 'id' } }],
    ...overrides,
  };
}

export function attribute(key: string) {
  return {
    key,
    label: `Attribute ${key}`,
    type: 'text',
    role: { kind: 'trait', trait: key },
    sensitivity: 'none',
  };
}

/** Small enough for a test: everything that has been learnt of two dozen customers will do. */
export function prediction(key: string, overrides: Readonly<Record<string, unknown>> = {}) {
  return {
    key,
    kind: 'churn',
    event: { name: 'Order Completed', amount: 'total' },
    horizonDays: 30,
    minRows: 20,
    ...overrides,
  };
}

export function audience(key: string, overrides: Readonly<Record<string, unknown>> = {}) {
  return {
    key,
    segment: 'vip',
    connection: 'ads',
    audienceId: '23850001',
    purpose: 'advertising',
    fields: { email: { identifier: 'email' } },
    ...overrides,
  };
}

export function pull(key: string, overrides: Readonly<Record<string, unknown>> = {}) {
  return {
    key,
    mapping: 'crm',
    connection: { host: 'db.example.com', database: 'shop', user: 'reader' },
    table: 'customers',
    cursor: 'updated_at',
    primaryKey: 'id',
    schedule: { everyMinutes: 15 },
    ...overrides,
  };
}
