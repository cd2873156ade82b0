/** What comes with the product: listed, shown, and tried out in virtual time. */
import { runScenario, type Parameter, type Playbook } from '@throughline/domain/playbooks';
import { JourneyDefinitionSchema } from '@throughline/domain/journeys/schemas';
import type { JsonObject } from '@throughline/domain/shared';
import { EXIT } from '../exit-codes.js';
import type { Outcome } from '../outcome.js';
import { loadPlaybook, loadScenarios, playbookNames, type Given } from '../playbooks/library.js';

export async function listPlaybooks(): Promise<Outcome> {
  const names = await playbookNames();
  const opened = await Promise.all(names.map((name) => loadPlaybook(name)));
  const playbooks = opened.map(({ playbook: { key, name, summary } }) => ({ key, name, summary }));
  const width = Math.max(0, ...playbooks.map(({ key }) => key.length));
  return {
    exit: EXIT.ok,
    lines: playbooks.map(({ key, summary }) => `${key.padEnd(width)}  ${summary}`),
    data: { playbooks },
  };
}

export async function showPlaybook(name: string, given: Given): Promise<Outcome> {
  const { playbook, settings, definitions } = await loadPlaybook(name, given);
  return {
    exit: EXIT.ok,
    lines: [
      `${playbook.name}: ${playbook.summary}`,
      ...section(
        'makes',
        definitions.map(({ kind, key }) => `${kind}/${key}`),
      ),
      ...section('settings', parameterLines(playbook, settings)),
      ...section('needs', needLines(playbook)),
      ...section('does not do', playbook.leftOut),
    ],
    data: {
      ...asData(playbook),
      settings,
      definitions: definitions.map(({ kind, key, body }) => ({ kind, key, body })),
    },
  };
}

function asData({ key, name, summary, needs, leftOut }: Playbook): JsonObject {
  const events = needs.events.map(({ name: event, properties }) => ({ name: event, properties }));
  return { key, name, summary, needs: { ...needs, events }, leftOut };
}

function section(title: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : ['', `${title}:`, ...lines.map((line) => `  ${line}`)];
}

function parameterLines({ parameters }: Playbook, settings: Given): string[] {
  const line = ([name, { title }]: [string, Parameter]): string =>
    `${name}=${settings[name] ?? ''}  ${title}`;
  return Object.entries(parameters).map(line);
}

function needLines({ needs }: Playbook): string[] {
  return [
    ...needs.events.map(({ name, properties }) => `event ${name} (${properties.join(', ')})`),
    ...needs.traits.map((name) => `trait ${name}`),
    ...needs.connections.map((key) => `connection ${key}`),
    ...needs.couponPools.map((key) => `coupon pool ${key}`),
  ];
}

/** Every scenario of a playbook, on the pure machine. Needs no server. */
export async function testPlaybook(name: string): Promise<Outcome> {
  const failures: string[] = [];
  let count = 0;
  for (const { journey, scenarios } of await loadScenarios(name)) {
    for (const scenario of scenarios) {
      count += 1;
      const failure = await tryScenario(name, journey, scenario);
      if (failure !== null) failures.push(failure);
    }
  }
  const passed = count - failures.length;
  return {
    exit: failures.length === 0 && count > 0 ? EXIT.ok : EXIT.refused,
    lines: [...failures, `${passed} passed, ${failures.length} failed`],
    data: { playbook: name, passed, failed: failures.length, failures },
  };
}

type Scenario = Parameters<typeof runScenario>[1];

async function tryScenario(
  name: string,
  journey: string,
  scenario: Scenario,
): Promise<string | null> {
  // Nobody is left out of a test unless it is about that.
  const { playbook, definitions } = await loadPlaybook(name, withoutHoldout(scenario.set));
  const file = definitions.find(({ kind, key }) => kind === 'journeys' && key === journey);
  if (file === undefined) return `${scenario.name}: ${playbook.key} has no journey ${journey}`;
  return runScenario(JourneyDefinitionSchema.parse(file.body), scenario);
}

function withoutHoldout(set: Given): Given {
  return { holdout: 0, ...set };
}
