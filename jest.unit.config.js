import base from './jest.config.js';

/** The same tests without the servers: for pure rooms while writing. */
const { globalSetup: _setup, globalTeardown: _teardown, ...rest } = base;
export default rest;
