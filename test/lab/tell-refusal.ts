import { LabRefusal } from "./lab-refusal.ts";

/** Does the work of a program; where no lab can be built, it says so in a sentence and ends with 2. */
export async function tellRefusal(work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof LabRefusal)) throw error;
    console.error(error.message);
    process.exitCode = 2;
  }
}
