/** Every playbook that is shipped: its tests in virtual time, what it is linted as, and that it can be set. */
import { describe, expect, it } from '@jest/globals';
import { checkJourney } from '@throughline/domain/journeys';
import { JourneyDefinitionSchema } from '@throughline/domain/journeys/schemas';
import { runScenario } from '@throughline/domain/playbooks';
import { loadPlaybook, loadScenarios, playbookNames } from './library.js';

const names = await playbookNames();

it('there are nine', () => {
  expect(names).toEqual([
    'birthday',
    'browse-abandonment',
    'cart-abandonment',
    'checkout-abandonment',
    'churn-save',
    'post-purchase',
    'replenishment',
    'welcome',
    'win-back',
  ]);
});

describe.each(names)('%s', (name) => {
  it('has journeys without a fault, and a test for each', async () => {
    const { definitions, playbook } = await loadPlaybook(name);
    const journeys = definitions.filter(({ kind }) => kind === 'journeys');
    for (const { body } of journeys)
      expect(checkJourney(JourneyDefinitionSchema.parse(body))).toEqual([]);
    const tested = (await loadScenarios(name)).map(({ journey }) => journey);
    expect(tested.sort()).toEqual(journeys.map(({ key }) => key).sort());
    expect(playbook.key).toBe(name);
  });

  it('leaves no hole open', async () => {
    const { definitions } = await loadPlaybook(name);
    expect(JSON.stringify(definitions.map(({ body }) => body))).not.toMatch(/\[\[|\$set/);
  });

  it('asks before every send: consent, quiet hours and holdout, or a legal basis', async () => {
    const { definitions } = await loadPlaybook(name);
    for (const { body, kind } of definitions.filter((one) => one.kind === 'journeys')) {
      const journey = JourneyDefinitionSchema.parse(body);
      expect(kind).toBe('journeys');
      if (journey.purpose === null) expect(journey.legalBasis).toBe('contract');
      else
        expect(journey).toMatchObject({
          purpose: 'marketing',
          quietHours: { from: '21:00', to: '08:00' },
          holdout: { percent: 10 },
        });
    }
  });
});

const scenarios = await Promise.all(
  names.map(async (name) =>
    (await loadScenarios(name)).flatMap(({ journey, scenarios: list }) =>
      list.map((scenario) => ({ name, journey, scenario, title: `${journey}: ${scenario.name}` })),
    ),
  ),
);

describe('in virtual time', () => {
  it.each(scenarios.flat())('$title', async ({ name, journey, scenario }) => {
    const { definitions } = await loadPlaybook(name, { holdout: 0, ...scenario.set });
    const file = definitions.find(({ kind, key }) => kind === 'journeys' && key === journey);
    expect(runScenario(JourneyDefinitionSchema.parse(file?.body), scenario)).toBeNull();
  });
});
