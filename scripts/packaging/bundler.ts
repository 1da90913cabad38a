// What makes one JavaScript file of many TypeScript files: for the package, and for tests.

export { build } from "esbuild";
export type { Plugin } from "esbuild";
