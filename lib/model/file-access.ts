// Whose a file on a host is, and what they may do with it.

/** As `chown` and `chmod` take it. */
export interface FileAccess {
  /** A name, or a number where the host has no name for it. */
  readonly user: string;
  readonly group: string;
  /** Octal, `0600`; without the bits that make a program run as somebody else. */
  readonly mode: string;
}

/** What a name of a user may be, so that no command takes it for an option or for two. */
export const ownerPattern = /^[A-Za-z0-9_][A-Za-z0-9_.@$-]{0,63}$/;
export const modePattern = /^0[0-7]{3}$/;
