// How the JavaScript that is made of a test file is named (bundle-tests.ts). Pure.

/** What the name of a folder with bundles begins with. */
export const bundlesStart = "bundles-";

/** The bundle of the test file that runs as the `number`th, from its folder and without its extension. */
export function bundleOf(file: string, number: number): string {
  return `${String(number).padStart(3, "0")}/${file.slice(0, -".ts".length)}`;
}

/** The test file that a path is the bundle of; any other path as it is. */
export function sourceOfBundle(path: string): string {
  return path.replace(/^.*\/bundles-[^/]*\/\d+\/(.*)\.mjs$/, "$1.ts");
}
