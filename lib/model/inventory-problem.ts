// What can be wrong with an inventory, as data. The sentences are in report/describe-inventory.ts.

/** A place in a file. */
export interface InventoryPlace {
  readonly file: string;
  /** From 1; undefined where nothing tells it, as in what a script answers. */
  readonly line: number | undefined;
}

/** One thing that is wrong. `where` is the way to it through the file, such as `groups.rack1.vms`. */
export type InventoryTrouble =
  /** The file cannot be read, or a parser cannot make sense of it. */
  | { readonly kind: "unreadable"; readonly detail: string }
  | {
      readonly kind: "too-much";
      readonly what: "bytes" | "levels" | "values" | "hosts";
      readonly limit: number;
    }
  | {
      readonly kind: "unknown-key";
      readonly where: string;
      readonly key: string;
      readonly nearest: string | undefined;
      readonly known: readonly string[];
    }
  | {
      readonly kind: "duplicate-key";
      readonly where: string;
      readonly key: string;
      readonly firstLine: number;
    }
  /** A key that is no text, or that no text may be. */
  | { readonly kind: "bad-key"; readonly where: string; readonly key: string }
  | {
      readonly kind: "bad-value";
      readonly where: string;
      readonly text: string;
      /** What it has to be. */
      readonly meaning: string;
    }
  | { readonly kind: "bad-name"; readonly what: "host" | "group"; readonly name: string }
  | {
      readonly kind: "duplicate-name";
      readonly what: "host" | "group";
      readonly name: string;
      readonly first: InventoryPlace;
    }
  /** One file says this of the whole run, another one that. */
  | { readonly kind: "contradiction"; readonly key: string; readonly first: InventoryPlace }
  | { readonly kind: "unknown-group"; readonly name: string; readonly nearest: string | undefined }
  | { readonly kind: "group-circle"; readonly name: string };

/** One thing that is wrong, and where. */
export interface InventoryProblem extends InventoryPlace {
  readonly trouble: InventoryTrouble;
}
