// What can be wrong with a piece of XML.

export const xmlFaults = [
  "too-large",
  "not-well-formed",
  "doctype",
  "wrong-root",
  "unknown-reference",
  "unencodable-character",
  "unexpected-content",
] as const;
export type XmlFault = (typeof xmlFaults)[number];

/** The XML cannot be used: `fault` says in which way, `detail` where or what. Callers turn it into a BackupError. */
export class XmlError extends Error {
  readonly fault: XmlFault;
  readonly detail: string;

  constructor(fault: XmlFault, detail: string, options?: { cause?: unknown }) {
    super(`${fault}: ${detail}`, options);
    this.name = "XmlError";
    this.fault = fault;
    this.detail = detail;
  }
}
