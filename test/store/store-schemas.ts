// The published schemas of what verify, drill and list note and print, by file name.

import { verifyOutputJsonSchema } from "../../lib/report/verify-schema.ts";
import { drillRecordJsonSchema } from "../../lib/store/drill-record.ts";
import { listJsonSchema } from "../../lib/store/list-document.ts";
import { verifyRecordJsonSchema } from "../../lib/store/verify-record.ts";

export const storeSchemas: Readonly<Record<string, () => unknown>> = {
  "drill-record": drillRecordJsonSchema,
  list: listJsonSchema,
  "verify-output": verifyOutputJsonSchema,
  "verify-record": verifyRecordJsonSchema,
};
