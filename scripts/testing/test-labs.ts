// The laboratories of the end-to-end tests, by id.

import { totalmem } from "node:os";

const gibibyte = 2 ** 30;

/**
 * As many test files run side by side, each with one of its own: they wait much of the time. Measured on two cores: two labs
 * kept 1.3 of them busy and took 22 minutes; four kept both busy and took 20. The guests of one take up to 1.5 GiB.
 */
export const testLabs = ["test-1", "test-2", "test-3"].slice(0, totalmem() > 8 * gibibyte ? 3 : 2);

/** The laboratory of the fleet test, which has more hosts than another test needs and brings it up and down itself. */
export const fleetLab = "test-fleet";
