// What is noted beside a backup, as text and back. Pure.

/** What of a schema is needed. */
export interface RecordSchema<T> {
  parse(value: unknown): T;
  safeParse(value: unknown): { readonly success: boolean; readonly data?: T | undefined };
}

/** The record as text, as it stands in the store. Throws the schema's error for one that does not fit it. */
export function formatRecord<T>(schema: RecordSchema<T>, record: T): string {
  return `${JSON.stringify(schema.parse(record), undefined, 2)}\n`;
}

/** Reads a record that anybody may have written; undefined when it is none, or not of this backup. */
export function parseRecord<T extends { readonly backupId: string }>(
  schema: RecordSchema<T>,
  content: string,
  backupId: string,
): T | undefined {
  try {
    const { data } = schema.safeParse(JSON.parse(content));
    return data?.backupId === backupId ? data : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
