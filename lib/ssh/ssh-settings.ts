/** What `ssh -G` printed: each setting in lower case, with its values in order. */
export type SshSettings = ReadonlyMap<string, readonly string[]>;

/** Takes the output of `ssh -G` apart. */
export function readSettings(text: string): SshSettings {
  const settings = new Map<string, string[]>();
  for (const line of text.split("\n")) {
    const [key = "", value = ""] = /^(\S+) ?(.*)$/.exec(line)?.slice(1) ?? [];
    if (key === "") continue;
    const values = settings.get(key.toLowerCase());
    if (values === undefined) settings.set(key.toLowerCase(), [value]);
    else values.push(value);
  }
  return settings;
}
