import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { readStartOptions } from './start-options.js';

describe('the options of npm start', () => {
  it('are the usual ports and no reset, unless they say otherwise', () => {
    expect(readStartOptions([])).toEqual({
      reset: false,
      ports: {
        api: 8080,
        worker: 8081,
        postgres: 5433,
        temporal: 7233,
        temporalUi: 8233,
        mail: 8025,
        smtp: 1025,
        hook: 8026,
      },
    });
  });

  it('move one port and leave the others', () => {
    const { reset, ports } = readStartOptions(['--reset', '--api-port', '9000', '--mail-port=0']);
    expect(reset).toBe(true);
    expect(ports).toMatchObject({ api: 9_000, mail: 0, worker: 8_081 });
  });

  it('take every port that there is', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 65_535 }), (port) => {
        expect(readStartOptions(['--hook-port', String(port)]).ports.hook).toBe(port);
      }),
    );
  });

  it.each([
    ['a word', ['--api-port', 'eighty'], '--api-port takes a port number, not "eighty".'],
    ['too high', ['--smtp-port', '65536'], '--smtp-port takes a port number, not "65536".'],
    ['half a port', ['--hook-port', '80.5'], '--hook-port takes a port number, not "80.5".'],
  ])('refuse a port that is %s in one sentence', (_what, args, sentence) => {
    expect(() => readStartOptions(args)).toThrow(
      expect.objectContaining({ sentence, command: 'npm start' }),
    );
  });

  it.each([
    ['an unknown one', ['--fast']],
    ['a port without a number', ['--api-port']],
    ['a word without a flag', ['please']],
  ])('refuse %s, and list those that there are', (_what, args) => {
    expect(() => readStartOptions(args)).toThrow(
      expect.objectContaining({
        details: [expect.stringContaining('--reset, --api-port N')],
      }),
    );
  });
});
