// Compares what a guest sees on two images, byte by byte, with the host's own qemu-img.

import assert from "node:assert/strict";
import type { LabHost } from "../../lab/lab-host.ts";

/** An image as the host sees it. */
export interface ImageOnHost {
  readonly path: string;
  readonly format: "qcow2" | "raw";
}

/** Asserts that two images hold the same for a guest. They may be in use: whoever calls this knows that nobody writes. */
export async function assertSameContent(host: LabHost, one: ImageOnHost, other: ImageOnHost): Promise<void> {
  const formats = ["-f", one.format, "-F", other.format] as const;
  const compare = ["qemu-img", "compare", "-U", ...formats, one.path, other.path] as const;
  const { code, stdout, stderr } = await host.run(compare, { deadlineSeconds: 120 });
  assert.equal(code, 0, `${one.path} and ${other.path} differ: ${stdout}${stderr}`);
  // Without -s a shorter image passes when the rest of the longer one is empty.
  assert.equal(await virtualBytes(host, one), await virtualBytes(host, other), "their sizes differ");
}

async function virtualBytes(host: LabHost, { path, format }: ImageOnHost): Promise<number> {
  const text = await host.check(["qemu-img", "info", "-U", "--output=json", "-f", format, path]);
  return (JSON.parse(text) as { "virtual-size": number })["virtual-size"];
}
