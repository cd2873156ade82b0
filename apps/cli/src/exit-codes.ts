/** What a script can tell from how a command ended; docs/api/cli.md lists them. */
export const EXIT = {
  ok: 0,
  /** something was found: faults in definitions, a refusal by the server */
  refused: 1,
  /** the call itself is wrong: arguments, settings, files that cannot be read */
  usage: 2,
  /** the server does not answer */
  unreachable: 3,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];
