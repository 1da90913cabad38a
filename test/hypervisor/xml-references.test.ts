import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { XmlError } from "../../lib/hypervisor/xml-error.ts";
import { decodeXml, encodeXml } from "../../lib/hypervisor/xml-references.ts";

const awkward = [
  "",
  "plain",
  "a b",
  `"q" 'a'`,
  "a & b < c > d",
  "&amp;",
  "ümläut 日本 😀",
  "a,b;c",
  "-x",
  "tab\tline\nend\r",
  "]]>",
];

describe("encodeXml() and decodeXml()", () => {
  for (const text of awkward) {
    it(`give back ${JSON.stringify(text)}`, () => {
      assert.equal(decodeXml(encodeXml(text)), text);
      assert.doesNotMatch(encodeXml(text), /[<>"'\t\n\r]/);
    });
  }

  it("know names and numbers", () => {
    assert.equal(decodeXml("&lt;&gt;&amp;&quot;&apos;&#65;&#x41;&#x1F600;&amp;lt;"), "<>&\"'AA😀&lt;");
  });

  for (const text of [
    "&",
    "& b",
    "&;",
    "&nbsp;",
    "&#;",
    "&#x;",
    "&#-1;",
    "&#0;",
    "&#xD800;",
    "&#x110000;",
    "&#12345678;",
    "&amp",
  ]) {
    it(`refuse to read ${text}`, () => {
      assert.throws(() => decodeXml(text), XmlError);
    });
  }

  for (const text of ["a\0b", "\u001b[0m", "\uFFFE", "\uD800", "\uDC00x"]) {
    it(`refuse to write ${JSON.stringify(text)}`, () => {
      assert.throws(() => encodeXml(text), XmlError);
    });
  }
});
