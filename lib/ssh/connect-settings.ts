// Client configuration → what ssh2 is told. Pure.

import type { Duplex } from "node:stream";
import type { ChosenAlgorithms } from "./chosen-algorithms.ts";
import type { ClientConfig } from "./client-config.ts";
import type { HostKeyPolicy, SignatureAlgorithm } from "./host-keys.ts";
import type { Identities } from "./identities.ts";

/** What one attempt to log in needs besides the configuration. */
export interface ConnectParts {
  readonly policy: HostKeyPolicy;
  /** The way through other hosts, when the host is not reached directly. */
  readonly stream: Duplex | undefined;
  readonly methods: Identities["methods"];
  readonly algorithms: ChosenAlgorithms;
}

/** The part of ssh2's settings that we use. */
export interface ConnectSettings {
  host?: string;
  port?: number;
  sock?: Duplex;
  forceIPv4?: boolean;
  forceIPv6?: boolean;
  localAddress?: string;
  algorithms: ChosenAlgorithms & { serverHostKey?: SignatureAlgorithm[] };
  username: string;
  authHandler: Identities["methods"];
  /** The type matters: ssh2 would take a promise for consent. */
  hostVerifier: (key: Buffer) => boolean;
  readyTimeout: number;
  keepaliveInterval: number;
  keepaliveCountMax: number;
}

/** What ssh2 is told for one attempt. */
export function connectSettings(
  config: ClientConfig,
  { policy, stream, methods, algorithms }: ConnectParts,
): ConnectSettings {
  return {
    ...(stream === undefined ? { host: config.hostname, port: config.port } : { sock: stream }),
    ...(config.addressFamily === "inet" ? { forceIPv4: true } : {}),
    ...(config.addressFamily === "inet6" ? { forceIPv6: true } : {}),
    ...(config.bindAddress === undefined ? {} : { localAddress: config.bindAddress }),
    algorithms: {
      ...algorithms,
      ...(policy.algorithms === undefined ? {} : { serverHostKey: [...policy.algorithms] }),
    },
    username: config.user,
    authHandler: methods,
    hostVerifier: (key) => policy.verify(key),
    readyTimeout: config.connectTimeoutSeconds * 1000,
    // A peer that is dead is noticed after five of these, within a minute.
    keepaliveInterval: 10_000,
    keepaliveCountMax: 4,
  };
}
