// The laboratories of the end-to-end tests, by id.

import { totalmem } from "node:os";

const gibibyte = 2 ** 30;

/**
 * As many test files run side by side, each with one of its own. They wait most of the time: with two labs, two cores were
 * busy a quarter of it. The guests of one take up to 1.5 GiB.
 */
export const testLabs = ["test-1", "test-2", "test-3", "test-4"].slice(0, totalmem() > 12 * gibibyte ? 4 : 2);

/** The laboratory of the fleet test, which has more hosts than another test needs and brings it up and down itself. */
export const fleetLab = "test-fleet";
