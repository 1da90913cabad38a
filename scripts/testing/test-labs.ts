/** The laboratories of the end-to-end tests, by id: as many test files run side by side, each with one of its own. */
export const testLabs = ["test-1", "test-2"] as const;

/** The laboratory of the fleet test, which has more hosts than another test needs and brings it up and down itself. */
export const fleetLab = "test-fleet";
