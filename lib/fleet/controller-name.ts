// Names this process to whoever finds its guard on a host.

import { hostname } from "node:os";
import { ownUser } from "../store/own-user.ts";

/** `user@machine pid 123`. */
export function controllerName(): string {
  return `${ownUser()}@${hostname()} pid ${process.pid}`;
}
