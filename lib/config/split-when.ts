// `HOST/VM@WHEN`: which of a VM's backups. Pure.

/** A target and the backup that is meant: its folder's name, or `latest`; undefined for all. */
export interface TimedTarget {
  readonly target: string;
  readonly when: string | undefined;
}

/**
 * Reads `…@latest` and `…@2026-11-23-012500`, also as a table or a log shows that moment (UTC). Anything else behind an
 * `@` belongs to the target, as in `root@kvm7/ubuntu20`, or in the name of a VM.
 */
export function splitWhen(text: string): TimedTarget {
  const [, target, when] = /^(.+)@([^@]*)$/s.exec(text) ?? [];
  if (target === undefined || when === undefined) return { target: text, when: undefined };
  if (when === "latest") return { target, when };
  const [, day, ...time] = /^(\d{4}-\d\d-\d\d)[-T ](\d\d):?(\d\d):?(\d\d)Z?$/.exec(when) ?? [];
  return day === undefined ? { target: text, when: undefined } : { target, when: `${day}-${time.join("")}` };
}
