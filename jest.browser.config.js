import base from './jest.config.js';

/** What needs a real browser, kept apart from the usual run: `npm run test:browser`. */
export default {
  ...base,
  testMatch: ['<rootDir>/apps/snippet/browser/**/*.browser.ts'],
  testTimeout: 60_000,
};
