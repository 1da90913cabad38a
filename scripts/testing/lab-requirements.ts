// Whether this machine can run the lab. Pure.

export interface MachineFacts {
  readonly platform: string;
  /** As `process.arch` says it. */
  readonly architecture: string;
  readonly userId: number | undefined;
  /** Text of /etc/os-release; empty where there is none. */
  readonly osRelease: string;
}

/** Why the lab cannot run here, in a few words; undefined when it can. */
export function whyNoLab({ platform, architecture, userId, osRelease }: MachineFacts): string | undefined {
  const family = [...osRelease.matchAll(/^ID(?:_LIKE)?=(.*)$/gm)].flatMap(([, ids = ""]) =>
    ids.replaceAll('"', "").split(" "),
  );
  if (platform !== "linux" || !family.some((id) => id === "debian" || id === "ubuntu"))
    return "needs Debian or Ubuntu";
  if (architecture !== "x64") return "needs x86_64";
  if (userId !== 0) return "needs root";
  return undefined;
}
