// What `qemu-img info --output=json` says of images. They may come from anywhere: nothing in it is believed unseen.

import { AnswerError } from "./answer-error.ts";

/** One image as qemu-img describes it. */
export interface ImageInfo {
  /** As qemu-img names it; not always a path (`json:{…}`). */
  readonly fileName: string;
  readonly format: string;
  /** Size of the disk as the guest sees it. */
  readonly virtualBytes: number;
  /** Space taken; 0 where qemu-img does not know it, as of some devices. */
  readonly allocatedBytes: number;
  readonly backing: BackingInfo | undefined;
  /** Names of the internal snapshots, blanks in them kept. */
  readonly snapshots: readonly string[];
  /** A file that holds the content in the image's place. */
  readonly dataFile: string | undefined;
  readonly isEncrypted: boolean;
  /** qcow2's version: `0.10` or `1.1`. */
  readonly compat: string | undefined;
  readonly compression: string | undefined;
}

/** What an image names as the one it is backed by. */
export interface BackingInfo {
  /** As written in the image: mostly a path, often a relative one. */
  readonly name: string;
  /** The same, made absolute by qemu-img, unless it is no path. */
  readonly fullName: string;
  readonly format: string | undefined;
}

/** Longest output that is read; a chain of 200 images with a hundred snapshots each stays below. */
const maximumLength = 32 * 1024 * 1024;
const maximumChain = 1000;

/**
 * Reads what `qemu-img info` says of one image.
 * @throws AnswerError when it is not that, or a value has not the type it must have.
 */
export function parseImageInfo(text: string): ImageInfo {
  return readImage(parseJson(text));
}

/**
 * Reads what `qemu-img info --backing-chain` says, the image itself first.
 * @throws AnswerError likewise.
 */
export function parseImageChain(text: string): readonly [ImageInfo, ...ImageInfo[]] {
  const value = parseJson(text);
  if (!Array.isArray(value) || value.length > maximumChain) throw new AnswerError("not a chain of images");
  const [own, ...below] = value.map(readImage);
  if (own === undefined) throw new AnswerError("a chain without images");
  return [own, ...below];
}

function parseJson(text: string): unknown {
  if (text.length > maximumLength) throw new AnswerError(`${text.length} characters`);
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    throw new AnswerError("not JSON", { cause: error });
  }
}

function readImage(value: unknown): ImageInfo {
  const image = fieldsOf(value, "an image");
  const specific = fieldsOf(image["format-specific"] ?? {}, "format-specific");
  const data = fieldsOf(specific["data"] ?? {}, "format-specific data");
  return {
    fileName: required(stringAt(image, "filename"), "filename"),
    format: required(stringAt(image, "format"), "format"),
    virtualBytes: required(bytesAt(image, "virtual-size"), "virtual-size"),
    allocatedBytes: bytesAt(image, "actual-size") ?? 0,
    backing: readBacking(image),
    snapshots: readSnapshots(image["snapshots"] ?? []),
    dataFile: stringAt(data, "data-file"),
    isEncrypted: image["encrypted"] === true || data["encrypt"] !== undefined || image["format"] === "luks",
    compat: stringAt(data, "compat"),
    compression: stringAt(data, "compression-type"),
  };
}

function readBacking(image: Fields): BackingInfo | undefined {
  const name = stringAt(image, "backing-filename");
  if (name === undefined) return undefined;
  return {
    name,
    fullName: stringAt(image, "full-backing-filename") ?? name,
    format: stringAt(image, "backing-filename-format"),
  };
}

function readSnapshots(value: unknown): readonly string[] {
  if (!Array.isArray(value)) throw new AnswerError("snapshots is not a list");
  return value.map((snapshot) =>
    required(stringAt(fieldsOf(snapshot, "a snapshot"), "name"), "name of a snapshot"),
  );
}

type Fields = Readonly<Record<string, unknown>>;

function fieldsOf(value: unknown, what: string): Fields {
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw new AnswerError(`${what} is not an object`);
  return value as Fields;
}

function stringAt(fields: Fields, name: string): string | undefined {
  const value = Object.hasOwn(fields, name) ? fields[name] : undefined;
  if (value === undefined) return value;
  if (typeof value !== "string") throw new AnswerError(`${name} is not text`);
  // No name on any host holds one, and no command can be given it.
  if (value.includes("\0")) throw new AnswerError(`${name} holds a NUL byte`);
  return value;
}

function bytesAt(fields: Fields, name: string): number | undefined {
  const value = Object.hasOwn(fields, name) ? fields[name] : undefined;
  if (value === undefined) return undefined;
  if (typeof value === "number" && Number.isSafeInteger(value) && value >= 0) return value;
  throw new AnswerError(`${name} is not a number of bytes`);
}

function required<T>(value: T | undefined, what: string): T {
  if (value === undefined) throw new AnswerError(`no ${what}`);
  return value;
}
