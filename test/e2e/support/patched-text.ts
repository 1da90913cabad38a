// What a definition of a restored VM must be: the original text with a few values replaced, and not one byte else.

import assert from "node:assert/strict";
import type { FoundBackup } from "../../lab/restore-by-hand.ts";
import { runChecked } from "../../lab/run-checked.ts";

/** The text that a definition, or a snapshot's definition, of this backup must have; `xml` is libvirt's own. */
export function patchedText(xml: string, { folder, manifest }: FoundBackup): string {
  const replacements: readonly (readonly [RegExp, string])[] = [
    element("name", manifest.vm.name, manifest.newName),
    element("uuid", manifest.vm.uuid, manifest.newUuid),
    ...manifest.bootFiles.map(({ role, sourcePath, fileName }) =>
      element(role, sourcePath, `${folder}/${fileName}`),
    ),
    ...manifest.disks.flatMap(({ layers }) =>
      layers.map(({ sourcePath, fileName }) => source(sourcePath, `${folder}/${fileName}`)),
    ),
  ];
  const patched = replacements.reduce((text, [pattern, value]) => text.replaceAll(pattern, value), xml);
  // A copy of a block device is a file.
  return patched.replaceAll(
    /<disk type='block'( device='disk'>(?:(?!<\/disk>)[^])*?<source file=)/g,
    "<disk type='file'$1",
  );
}

function element(name: string, before: string, after: string): readonly [RegExp, string] {
  return [
    new RegExp(`(<${name}(?: [^<>]*)?>)${pattern(before)}(</${name}>)`, "g"),
    `$1${inReplacement(escapeAsLibvirt(after))}$2`,
  ];
}

/** The index that a running VM's image has is QEMU's, and goes. */
function source(before: string, after: string): readonly [RegExp, string] {
  return [
    new RegExp(`<source (?:file|dev)='${pattern(before)}'(?: index='\\d+')?`, "g"),
    `<source file='${inReplacement(escapeAsLibvirt(after))}'`,
  ];
}

/** libvirt escapes quotes in text as in attributes. */
function escapeAsLibvirt(text: string): string {
  const entities: Readonly<Record<string, string>> = {
    "&": "amp",
    "<": "lt",
    ">": "gt",
    '"': "quot",
    "'": "apos",
  };
  return text.replaceAll(/[&<>"']/g, (character) => `&${entities[character]};`);
}

function pattern(text: string): string {
  return escapeAsLibvirt(text).replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&");
}

function inReplacement(text: string): string {
  return text.replaceAll("$", "$$$$");
}

/** Asserts that a definition names no image and no boot file of the original, and the copy of each. */
export function assertNamesOnlyCopies(xml: string, { folder, manifest }: FoundBackup): void {
  const tops = manifest.disks.map(({ layers }) => layers[0]!);
  const below = manifest.disks.flatMap(({ layers }) => layers.slice(1));
  const named = [...tops, ...manifest.bootFiles];
  const ends = (path: string): readonly string[] => [
    `'${escapeAsLibvirt(path)}'`,
    `>${escapeAsLibvirt(path)}<`,
  ];
  const isNamed = (path: string): boolean => ends(path).some((text) => xml.includes(text));
  for (const { sourcePath } of [...named, ...below])
    assert.ok(!isNamed(sourcePath), `${sourcePath} is in\n${xml}`);
  for (const { fileName } of named)
    assert.ok(isNamed(`${folder}/${fileName}`), `${fileName} is not in\n${xml}`);
}

/** Which elements differ between two definitions in canonical form (W3C Canonical XML, by xmllint). */
export async function changedElements(one: string, other: string): Promise<readonly string[]> {
  const [before, after] = [await canonicalLines(one), await canonicalLines(other)];
  assert.equal(after.length, before.length, "lines came or went");
  const changed = before.filter((line, index) => line !== after[index]);
  return [...new Set(changed.map((line) => /^ *<(\w+)/.exec(line)?.[1] ?? line))];
}

async function canonicalLines(path: string): Promise<readonly string[]> {
  return (await runChecked(["xmllint", "--nonet", "--c14n", path])).split("\n");
}
