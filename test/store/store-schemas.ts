// The published schemas of what verify, drill, prune and list note and print, by file name.

import { pruneOutputJsonSchema } from "../../lib/report/prune-schema.ts";
import { verifyOutputJsonSchema } from "../../lib/report/verify-schema.ts";
import { drillRecordJsonSchema } from "../../lib/store/drill-record.ts";
import { listJsonSchema } from "../../lib/store/list-document.ts";
import { verifyRecordJsonSchema } from "../../lib/store/verify-record.ts";

export const storeSchemas: Readonly<Record<string, () => unknown>> = {
  "drill-record": drillRecordJsonSchema,
  list: listJsonSchema,
  "prune-output": pruneOutputJsonSchema,
  "verify-output": verifyOutputJsonSchema,
  "verify-record": verifyRecordJsonSchema,
};
