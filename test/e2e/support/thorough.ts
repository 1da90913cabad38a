// Which end-to-end tests `npm test` leaves to `npm run test:all`.

import { describe, it } from "node:test";

/** Whether every test runs: always, but in `npm test`, which is to end while one waits for it. */
export const isThorough = process.env["VIRTFOLD_E2E"] !== "usual";

/**
 * `it`, for a test whose subject others show too, in other circumstances: at another step, by another signal, of
 * another kind of VM, or as a fault of the matrix.
 */
export const thorough: (name: string, test: () => Promise<void>) => void = isThorough
  ? (name, test) => void it(name, test)
  : () => undefined;

/** `describe`, for tests all of which are such. */
export const thoroughSuite: (
  name: string,
  options: { readonly skip: string | false; readonly timeout: number },
  suite: () => void,
) => void = isThorough ? (name, options, suite) => void describe(name, options, suite) : () => undefined;
