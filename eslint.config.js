// What `npm run lint` checks: ESLint's recommended rules, typescript-eslint's strict ones with types, and the
// project's own conventions. Every exception has its reason beside it.

import js from "@eslint/js";
import { defineConfig, globalIgnores } from "eslint/config";
import tseslint from "typescript-eslint";

/** Folders and files that decide and never act; test/architecture.test.ts checks their imports. */
const pureFiles = [
  "lib/model/**",
  "lib/shell/command.ts",
  "lib/hypervisor/**",
  "lib/plan/**",
  "lib/doctor/**",
  "lib/config/!(load|load-inventory|read-inventory-file|tool).ts",
  "lib/store/layout.ts",
  "lib/store/manifest.ts",
];

const restrictedSyntax = [
  ["ExportDefaultDeclaration", "Export by name: one exported idea per file, the file named after it"],
  ["ExportSpecifier[exported.name='default']", "Export by name"],
  ["TSEnumDeclaration", "Use an `as const` array and the type derived from it"],
  ["TSModuleDeclaration[declare!=true]", "Use a file, not a namespace"],
  ["TSParameterProperty", "Declare the field and assign it"],
  ["VariableDeclaration[kind=/using/]", "Close in a `finally`: not every runtime here knows `using`"],
].map(([selector, message]) => ({ selector, message }));

const noEnvironment = {
  object: "process",
  property: "env",
  message: "Only lib/config/load.ts reads the environment; take settings as an argument",
};
const noExit = {
  object: "process",
  property: "exit",
  message: "Only lib/cli ends the process; set process.exitCode or throw",
};

export default defineConfig(
  globalIgnores(["node_modules/", "dist/", ".lab/", "backups/"]),
  { linterOptions: { reportUnusedDisableDirectives: "error" } },
  {
    files: ["**/*.ts"],
    extends: [js.configs.recommended, tseslint.configs.strictTypeChecked],
    languageOptions: {
      parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname },
    },
    rules: {
      eqeqeq: "error",
      // Tables of cases make tests longer; test/architecture.test.ts holds both bounds.
      "max-lines": ["error", { max: 300 }],
      "@typescript-eslint/max-params": ["error", { max: 3 }],
      "no-console": "error",
      "no-restricted-syntax": ["error", ...restrictedSyntax],
      "object-shorthand": "error",
      "prefer-const": "error",

      "@typescript-eslint/consistent-type-imports": ["error", { fixStyle: "separate-type-imports" }],
      "@typescript-eslint/consistent-type-exports": "error",
      "@typescript-eslint/switch-exhaustiveness-check": [
        "error",
        // A default is deliberate; where nothing may be left out it is `unreachable(value)`, which the types check.
        { considerDefaultExhaustiveForUnions: true, requireDefaultForNonUnion: true },
      ],
      "@typescript-eslint/no-unused-vars": ["error", { argsIgnorePattern: "^_", ignoreRestSiblings: true }],
      // Arrow functions that only pass a call on read better without braces.
      "@typescript-eslint/no-confusing-void-expression": [
        "error",
        { ignoreArrowShorthand: true, ignoreVoidReturningFunctions: true },
      ],
      "@typescript-eslint/no-meaningless-void-operator": "off",
      // Takes what a callback assigns for something that never changes.
      "@typescript-eslint/no-unnecessary-condition": "off",
      // There are no enums, and this rule is slow.
      "@typescript-eslint/no-unsafe-enum-assignment": "off",
      "@typescript-eslint/restrict-template-expressions": [
        "error",
        { allowNumber: true, allowBoolean: true },
      ],
      // Going through a text by code points is what the spread of a string is for.
      "@typescript-eslint/no-misused-spread": ["error", { allow: ["string"] }],
      // `async` without `await` turns a throw into a rejection, which is what an interface that returns promises promises.
      "@typescript-eslint/require-await": "off",
    },
  },
  {
    files: ["lib/**/*.ts"],
    rules: {
      "no-restricted-properties": ["error", noEnvironment, noExit],
      "no-restricted-imports": [
        "error",
        { name: "node:process", message: "Use the global `process`, which the other rules watch" },
      ],
    },
  },
  {
    files: [
      "lib/config/load.ts",
      // Hands the environment on to the programs it starts, without reading it.
      "lib/shell/run-local.ts",
    ],
    rules: { "no-restricted-properties": ["error", noExit] },
  },
  {
    files: ["lib/cli/**/*.ts"],
    rules: { "no-restricted-properties": ["error", noEnvironment] },
  },
  {
    files: [...pureFiles, "lib/report/**"],
    rules: {
      "no-restricted-imports": [
        "error",
        {
          name: "node:crypto",
          allowImportNames: ["createHash"],
          message: "Only hashing is pure: take random values as an argument",
        },
      ],
      "no-restricted-globals": [
        "error",
        ...["process", "fetch", "setTimeout", "setInterval", "setImmediate", "Bun", "Deno"].map((name) => ({
          name,
          message: "This file is pure: take what you need as an argument",
        })),
      ],
    },
  },
  {
    files: ["lib/cli/**/*.ts", "lib/report/**/*.ts", "scripts/**/*.ts", "test/**/*.ts"],
    rules: { "no-console": "off" },
  },
  {
    files: ["test/**/*.ts"],
    rules: {
      // A test fails well enough when a value is not there, and says so with a stack.
      "@typescript-eslint/no-non-null-assertion": "off",
      // Builders of test values take one part after the other.
      "@typescript-eslint/max-params": "off",
      "@typescript-eslint/no-floating-promises": [
        "error",
        // node:test awaits these itself.
        {
          allowForKnownSafeCalls: [
            { from: "package", package: "node:test", name: ["test", "describe", "it", "suite"] },
          ],
        },
      ],
    },
  },
  {
    // The two files that run before, or without, the TypeScript project.
    files: ["eslint.config.js", "scripts/setup.mjs"],
    extends: [js.configs.recommended, tseslint.configs.strict],
    languageOptions: { globals: { process: "readonly", console: "readonly", URL: "readonly" } },
  },
);
