import type { BootFileRole } from "../model/plan.ts";

/** What a boot file is called in the folder of a restored VM; no disk's image is called so. */
export function bootName(role: BootFileRole): string {
  return role === "nvram" ? "nvram.fd" : role;
}
