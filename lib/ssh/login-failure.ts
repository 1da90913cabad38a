// What ssh2 said while logging in → why there is no connection. Pure.

import type { FailureReason } from "../model/failure.ts";
import type { HostKeyContext } from "./host-key-failure.ts";
import { commandToTry, hostKeyFailure, keyChanged } from "./host-key-failure.ts";
import type { HostKeyPolicy } from "./host-keys.ts";

/** An error of ssh2: `level` says which part of it failed. */
export interface LinkError extends Error {
  readonly level?: string;
  /** A number when the host ended the connection by a message of the protocol. */
  readonly code?: string | number;
}

/** All that is known about an attempt that failed. */
export interface FailedLogin {
  readonly errors: readonly LinkError[];
  /** Whether the host's key was accepted, so that only the login itself was left. */
  readonly hasHandshake: boolean;
  readonly policy: HostKeyPolicy;
  readonly context: HostKeyContext;
  readonly user: string;
  readonly tried: readonly string[];
  /** Certificates of the operator that cannot be tried. */
  readonly certificates: readonly string[];
  /** What the hosts on the way said. */
  readonly hopMessages: string;
}

/** Errors after which ssh2 goes on with the next key. */
export function isFatal(error: LinkError): boolean {
  return error.level !== "agent" && error.level !== "client-authentication";
}

/** Why a login failed. */
export function loginFailure(login: FailedLogin): FailureReason {
  const { host } = login.context;
  const distrust = hostKeyFailure(login.policy.verdict(), login.context);
  if (distrust !== undefined) return distrust;
  const messages = login.errors.map(messageOf).filter((message) => message !== "");
  if (
    login.policy.algorithms !== undefined &&
    login.policy.isHostKnown &&
    messages.some((text) => text.includes("no matching host key"))
  ) {
    const fingerprint = `of another type than ${login.policy.algorithms.join(", ")}`;
    return keyChanged(login.context, fingerprint);
  }
  const command = commandToTry(login.context);
  const isRefused = login.errors.some(({ level }) => level === "client-authentication");
  const isSentAway = login.hasHandshake && login.errors.some(({ code }) => typeof code === "number");
  if (isRefused || isSentAway) {
    const { user, tried, certificates } = login;
    return { kind: "login-refused", host: host.name, user, tried, certificates, command };
  }
  const detail = [login.hopMessages, ...messages].filter((text) => text !== "").join("; ");
  return {
    kind: "host-unreachable",
    host: host.name,
    detail: detail === "" ? "the connection was closed" : detail,
    command,
  };
}

/** Node wraps the errors of several addresses in one without a message. */
function messageOf(error: LinkError): string {
  if (error.message !== "") return error.message;
  const inner = error instanceof AggregateError ? (error.errors as unknown[]) : [];
  return inner.map((each) => (each instanceof Error ? each.message : String(each))).join("; ");
}
