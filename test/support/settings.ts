/** What the global setup found out, handed to tests through the environment. */

export type TestSetting =
  | 'TL_TEST_POSTGRES_URL'
  | 'TL_TEST_TEMPLATE'
  | 'TL_TEST_TEMPORAL_ADDRESS'
  | 'TL_TEST_TEMPORAL_NAMESPACE'
  | 'TL_TEST_WORKFLOWS';

/** A test without its server fails; it never passes by not running. */
export function testSetting(name: TestSetting): string {
  const value = process.env[name];
  if (value === undefined || value === '') {
    throw new Error(
      `${name} is not set: run this test with jest.config.js, which starts the servers`,
    );
  }
  return value;
}
