// The laboratories of the end-to-end tests, by id.

import { totalmem } from "node:os";

const gibibyte = 2 ** 30;

/** What the guests of one take at most, and what else runs beside them. */
const bytesEach = 3 * gibibyte;

/**
 * As many test files run side by side, each with one of its own: they wait much of the time. Measured on two cores: two labs
 * kept 1.3 of them busy; with three they are idle for 5 % of a whole run, and with four everything only takes longer.
 */
export const testLabs = ["test-1", "test-2", "test-3"].slice(
  0,
  Math.max(2, Math.floor(totalmem() / bytesEach)),
);

/** The laboratory of the fleet test, which has more hosts than another test needs and brings it up and down itself. */
export const fleetLab = "test-fleet";
