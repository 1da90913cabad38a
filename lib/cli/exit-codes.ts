// Exit codes are an interface: product documentation, --help and README state them.

/** What each exit code says. */
export const exitCodes = {
  ok: 0,
  bug: 1,
  usage: 2,
  someFailed: 3,
  hostNeedsPerson: 4,
  degraded: 5,
  locked: 11,
  interrupted: 130,
} as const;
export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

/** The exit codes as every `--help` shows them. */
export const exitCodeHelp = `
Exit codes:
  0    all well
  1    a bug in virtfold
  2    usage or configuration
  3    some VM failed
  4    a host needs a person (a VM is still on an overlay)
  5    done but degraded (something of a VM, such as a disk, was left out)
  11   another backup into the same store is under way
  130  interrupted, hosts restored
`;
