// The ways to encrypt that an operator has chosen, for the connection that carries commands. Pure.

import { getCiphers } from "node:crypto";
import type { ClientConfig } from "./client-config.ts";
import { ConfigurationError } from "./configuration-error.ts";
import type { LocalAccount } from "./local-account.ts";

/** What ssh2 is told to offer, best first; what is missing is left to it. */
export interface ChosenAlgorithms {
  readonly kex?: (typeof known.kex)[number][];
  readonly cipher?: (typeof known.cipher)[number][];
  readonly hmac?: (typeof known.hmac)[number][];
}

/** Of what OpenSSH names, what ssh2 knows. It refuses to begin with a name that it does not. */
const known = {
  kex: [
    ...["curve25519-sha256", "curve25519-sha256@libssh.org"],
    ...["ecdh-sha2-nistp256", "ecdh-sha2-nistp384", "ecdh-sha2-nistp521"],
    ...["diffie-hellman-group-exchange-sha256", "diffie-hellman-group-exchange-sha1"],
    ...["diffie-hellman-group14-sha256", "diffie-hellman-group16-sha512", "diffie-hellman-group18-sha512"],
    ...["diffie-hellman-group14-sha1", "diffie-hellman-group1-sha1"],
  ],
  cipher: [
    ...["chacha20-poly1305@openssh.com", "aes128-gcm@openssh.com", "aes256-gcm@openssh.com"],
    ...["aes128-ctr", "aes192-ctr", "aes256-ctr", "aes128-cbc", "aes192-cbc", "aes256-cbc", "3des-cbc"],
  ],
  hmac: [
    ...["hmac-sha2-256-etm@openssh.com", "hmac-sha2-512-etm@openssh.com", "hmac-sha1-etm@openssh.com"],
    ...["hmac-sha2-256", "hmac-sha2-512", "hmac-sha1", "hmac-sha1-96", "hmac-md5", "hmac-md5-96"],
  ],
} as const;

type Unconfigured = Pick<LocalAccount, "kexAlgorithms" | "ciphers" | "macs">;

/**
 * Where nobody has chosen anything ssh2 offers what it is quickest with.
 * @throws ConfigurationError when it knows nothing of what was chosen.
 */
export function chosenAlgorithms(config: ClientConfig, unconfigured: Unconfigured): ChosenAlgorithms {
  const kex = choose("KexAlgorithms", known.kex, [config.kexAlgorithms, unconfigured.kexAlgorithms]);
  const cipher = choose("Ciphers", usableCiphers(), [config.ciphers, unconfigured.ciphers]);
  const hmac = choose("MACs", known.hmac, [config.macs, unconfigured.macs]);
  return {
    ...(kex === undefined ? {} : { kex }),
    ...(cipher === undefined ? {} : { cipher }),
    ...(hmac === undefined ? {} : { hmac }),
  };
}

/** Bun has no ChaCha20. */
function usableCiphers(): readonly (typeof known.cipher)[number][] {
  const hasChaCha = getCiphers().includes("chacha20");
  return known.cipher.filter((name) => hasChaCha || !name.startsWith("chacha20"));
}

function choose<Name extends string>(
  setting: string,
  knownNames: readonly Name[],
  [chosen, usual]: readonly [string, string],
): Name[] | undefined {
  if (chosen === usual || chosen === "") return undefined;
  const names = chosen.split(",").flatMap((name) => knownNames.filter((each) => each === name));
  if (names.length > 0) return names;
  throw new ConfigurationError(`${setting} ${chosen}: none of it can be used for commands`);
}
