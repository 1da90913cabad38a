// The published schemas of what verify and list note and print, by file name.

import { verifyOutputJsonSchema } from "../../lib/report/verify-schema.ts";
import { listJsonSchema } from "../../lib/store/list-document.ts";
import { verifyRecordJsonSchema } from "../../lib/store/verify-record.ts";

export const storeSchemas: Readonly<Record<string, () => unknown>> = {
  list: listJsonSchema,
  "verify-output": verifyOutputJsonSchema,
  "verify-record": verifyRecordJsonSchema,
};
