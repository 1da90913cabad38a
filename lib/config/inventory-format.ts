// Which kind of inventory a file is. Pure; docs/inventory.md tells people the same.

/** What is known of a file before it is read as one kind or another. */
export interface FileLook {
  readonly name: string;
  readonly isExecutable: boolean;
  /** Its text, or the beginning of it. */
  readonly text: string;
}

export type InventoryFormat = "script" | "yaml" | "ini";

/**
 * An executable file that begins like a program is a dynamic inventory. Then the extension decides; where there is
 * none that says anything, the first line that is not a comment does.
 */
export function inventoryFormat({ name, isExecutable, text }: FileLook): InventoryFormat {
  if (isExecutable && /^(?:#!|\u007fELF)/.test(text)) return "script";
  if (/\.(?:ya?ml|json)$/i.test(name)) return "yaml";
  if (/\.(?:ini|cfg|hosts)$/i.test(name)) return "ini";
  const first = text.split(/\r?\n/).find((line) => !/^\s*(?:[#;]|$)/.test(line)) ?? "";
  return /^(?:---|%YAML|\{|[^[\s=][^\s=]*:(?:\s|$))/.test(first) ? "yaml" : "ini";
}

/** Whether a file in a folder of inventories is one: no notes, no examples, nothing hidden, no copies that editors leave. */
export function isInventoryName({ name, isExecutable }: Pick<FileLook, "name" | "isExecutable">): boolean {
  if (/^\.|^example\.|~$/i.test(name)) return false;
  return isExecutable ? !/\.(?:md|txt|bak|orig|pyc)$/i.test(name) : /\.(?:ya?ml|ini|hosts)$/i.test(name);
}
