import base from './jest.config.js';

/** The same tests without the servers: for pure rooms while writing. */
export default { ...base, globalSetup: undefined, globalTeardown: undefined };
