/** The Temporal server of this run. Task queues and workflow ids are each test's own: make them unique. */
import { testSetting } from './settings.js';

export interface TestTemporal {
  readonly address: string;
  readonly namespace: string;
}

/** The workflows' code, bundled once for the whole run: the file that workers load. */
export function testWorkflows(): string {
  return testSetting('TL_TEST_WORKFLOWS');
}

export function testTemporal(): TestTemporal {
  return {
    address: testSetting('TL_TEST_TEMPORAL_ADDRESS'),
    namespace: testSetting('TL_TEST_TEMPORAL_NAMESPACE'),
  };
}
