// Proof to the compiler that a switch has met every case.

/** Ends a switch over a union; a member without a case does not compile. */
export function unreachable(value: never): never {
  throw new Error(`Unexpected value: ${JSON.stringify(value)}`);
}
