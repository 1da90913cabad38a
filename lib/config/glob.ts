// Patterns for names: `*` is any text, `?` any character, and a backslash takes the next character as it is. Pure.

/** Whether the text can match more than one name. */
export function isGlob(text: string): boolean {
  return /[*?]/.test(text.replaceAll(/\\./gs, ""));
}

/** Whether the name fits the pattern, or is the pattern's own text. Brackets and braces mean themselves: VMs are called so. */
export function matchesGlob(pattern: string, name: string): boolean {
  return pattern === name || matchesParts(parsePattern(pattern), [...name]);
}

interface Part {
  readonly kind: "any" | "one" | "exactly";
  readonly character?: string;
}

function parsePattern(pattern: string): readonly Part[] {
  return [...pattern.matchAll(/\\(.)|(.)/gsu)].map(([, escaped, plain = ""]): Part => {
    if (escaped !== undefined) return { kind: "exactly", character: escaped };
    if (plain === "*") return { kind: "any" };
    return plain === "?" ? { kind: "one" } : { kind: "exactly", character: plain };
  });
}

/** Goes back to the last `*` only, so that the time is bounded by the product of the lengths. */
function matchesParts(parts: readonly Part[], characters: readonly string[]): boolean {
  let part = 0;
  let last: { readonly part: number; readonly character: number } | undefined;
  let index = 0;
  while (index < characters.length) {
    const wanted = parts[part];
    if (wanted?.kind === "any") {
      last = { part: (part += 1), character: index };
    } else if (wanted?.kind === "one" || (wanted !== undefined && wanted.character === characters[index])) {
      part += 1;
      index += 1;
    } else if (last !== undefined) {
      index = last.character + 1;
      part = last.part;
      last = { part, character: index };
    } else {
      return false;
    }
  }
  return parts.slice(part).every(({ kind }) => kind === "any");
}
