/** The lab cannot be built here, and the message says what the person has to do. Scripts end with exit code 2. */
export class LabRefusal extends Error {
  override readonly name = "LabRefusal";
}
