/**
 * The script that pages load: `<script src="throughline.js" data-key="tl_…" data-host="https://…"></script>`. Leaves one name behind,
 * `throughline`.
 */
import { doCall, doCalls, type Callable } from './calls.js';
import { Client } from './client.js';
import { optionsOf } from './options.js';
import { browser } from './window.js';

const options = optionsOf(
  browser().document.currentScript?.dataset ?? {},
  browser().location.origin,
);
const earlier: unknown = Reflect.get(globalThis, 'throughline');

if (options !== null) {
  const client = new Client(options);
  const methods: Callable = {
    page: (name, properties) => {
      client.page(textOf(name), recordOf(properties));
    },
    track: (event, properties) => {
      client.track(textOf(event) ?? 'unnamed', recordOf(properties));
    },
    identify: (userId, traits) => {
      const id = textOf(userId);
      if (id !== undefined) client.identify(id, recordOf(traits));
    },
    reset: () => {
      client.reset();
    },
    consent: (word) => {
      client.consent(typeof word === 'boolean' ? word : wordsOf(word));
    },
    personalize: () => client.personalize(),
    flush: () => client.flush(),
  };
  const push = (...calls: readonly unknown[]): void => {
    for (const call of calls) doCall(methods, call);
  };
  Reflect.set(globalThis, 'throughline', { ...methods, push });
  doCalls(methods, earlier);
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : undefined;
}

function recordOf(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}

function wordsOf(value: unknown): Record<string, boolean> {
  return Object.fromEntries(
    Object.entries(recordOf(value)).map(([purpose, given]) => [purpose, given === true]),
  );
}
