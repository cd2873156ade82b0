/** The stack with a shop in it: mail catcher, webhook receiver, workspace, definitions. */
import { join } from 'node:path';
import type { Reporter } from '../progress.js';
import { startMailCatcher, type MailCatcher } from '../servers/mail-catcher.js';
import { startStack, type Stack, type StackPorts } from '../stack/stack.js';
import type { ApiClient } from './api-client.js';
import type { Hour } from './cast.js';
import { birthdayMinute, dayPlace, nightPlace } from './clock-faces.js';
import { startHookReceiver, type HookReceiver } from './hook-receiver.js';
import { ensureShop, furnishShop, type ShopKeys } from './open-shop.js';

export interface Shop {
  readonly stack: Stack;
  readonly catcher: MailCatcher;
  readonly hook: HookReceiver;
  readonly keys: ShopKeys;
  readonly api: ApiClient;
  readonly hour: Hour;
  stop(): Promise<void>;
}

export interface ShopOptions {
  readonly dataDir: string;
  readonly report: Reporter;
  readonly ports?: StackPorts & {
    readonly mail?: number;
    readonly smtp?: number;
    readonly hook?: number;
  };
}

export async function openShop(options: ShopOptions): Promise<Shop> {
  const { dataDir, report, ports = {} } = options;
  const stops: (() => Promise<void>)[] = [];
  const stop = async (): Promise<void> => {
    for (let step = stops.pop(); step !== undefined; step = stops.pop()) await step();
  };
  try {
    const catcher = await startMailCatcher({
      dataDir: join(dataDir, 'mail'),
      ...(ports.smtp === undefined ? {} : { smtpPort: ports.smtp }),
      ...(ports.mail === undefined ? {} : { httpPort: ports.mail }),
    });
    stops.push(() => catcher.stop());
    const hook = await startHookReceiver({
      refusals: 2,
      ...(ports.hook === undefined ? {} : { port: ports.hook }),
    });
    stops.push(() => hook.stop());
    const stack = await startStack({ dataDir, report, ports });
    stops.push(() => stack.stop());
    report({ kind: 'begin', task: 'The shop' });
    const keys = await ensureShop(stack.databaseUrl, join(dataDir, 'shop.json'));
    const now = new Date();
    const birthday = birthdayMinute(now);
    const api = await furnishShop(stack.api.url, keys, {
      smtpPort: catcher.smtpPort,
      hookUrl: hook.url,
      webhookSecret: stack.secrets.webhookSecret,
      birthdayAt: birthday.at,
      night: { quietHours: { from: '22:00', to: '08:00' }, timezone: dayPlace(now) },
    });
    const hour = { born: birthday.born, night: nightPlace(now) };
    report({ kind: 'done', task: 'The shop', detail: 'workspace "shop", four journeys live' });
    return { stack, catcher, hook, keys, api, hour, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}
