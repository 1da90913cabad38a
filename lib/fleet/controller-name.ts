// Names this process to whoever finds its guard on a host.

import { hostname, userInfo } from "node:os";

/** `user@machine pid 123`. */
export function controllerName(): string {
  return `${userInfo().username}@${hostname()} pid ${process.pid}`;
}
