import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  editXml,
  insertAfter,
  insertBefore,
  removeAttribute,
  removeElement,
  replaceAttribute,
  setAttribute,
  setText,
} from "../../lib/hypervisor/edit-xml.ts";
import type { XmlEdit } from "../../lib/hypervisor/edit-xml.ts";
import { childOf } from "../../lib/hypervisor/read-xml.ts";
import { parseXml } from "../../lib/hypervisor/xml-document.ts";
import type { XmlElement } from "../../lib/hypervisor/xml-element.ts";
import { XmlError } from "../../lib/hypervisor/xml-error.ts";

const edits: Readonly<
  Record<string, readonly [string, (b: XmlElement) => XmlEdit | readonly XmlEdit[], string]>
> = {
  "a value, its quotes kept": [
    `<a><b c = "1"/></a>`,
    (b) => setAttribute(b, "c", `"2" & 'x'`),
    `<a><b c = "&quot;2&quot; &amp; &apos;x&apos;"/></a>`,
  ],
  "a new attribute": ["<a><b c='1' /></a>", (b) => setAttribute(b, "d", "2"), "<a><b c='1' d='2' /></a>"],
  "the first attribute": ["<a><b/></a>", (b) => setAttribute(b, "d", "2"), "<a><b d='2'/></a>"],
  "another attribute": [
    "<a><b dev='1' index='2'/></a>",
    (b) => replaceAttribute(b, "dev", { name: "file", value: "/x" }),
    "<a><b file='/x' index='2'/></a>",
  ],
  "no attribute": [
    "<a><b c='1'\n  d='2' e='3'/></a>",
    (b) => removeAttribute(b, "d"),
    "<a><b c='1' e='3'/></a>",
  ],
  "an attribute that is not there": ["<a><b/></a>", (b) => removeAttribute(b, "d"), "<a><b/></a>"],
  "a text": ["<a><b>x<!-- c --><d/></b></a>", (b) => setText(b, "<y>\n"), "<a><b>&lt;y&gt;&#10;</b></a>"],
  "a text in an empty element": ["<a><b c='1' /></a>", (b) => setText(b, "y"), "<a><b c='1'>y</b></a>"],
  "text and attribute of an empty element": [
    "<a><b/></a>",
    (b) => [setText(b, "y"), setAttribute(b, "c", "1")],
    "<a><b c='1'>y</b></a>",
  ],
  "no element": ["<a>\n  <b>\n  </b>\n  <c/>\n</a>", removeElement, "<a>\n  <c/>\n</a>"],
  "no element, with CRLF": ["<a>\r\n  <b/>\r\n</a>", removeElement, "<a>\r\n</a>"],
  "no element within a line": ["<a>x <b/> y</a>", removeElement, "<a>x  y</a>"],
  "an element more": ["<a>\n  <b/>\n</a>", (b) => insertAfter(b, "<c/>"), "<a>\n  <b/>\n  <c/>\n</a>"],
  "an element before": ["<a>\n\t<b/>\n</a>", (b) => insertBefore(b, "<c/>"), "<a>\n\t<c/>\n\t<b/>\n</a>"],
  "an element more within a line": ["<a><b/></a>", (b) => insertAfter(b, "<c/>"), "<a><b/><c/></a>"],
};

describe("editXml()", () => {
  for (const [what, [before, edit, after]] of Object.entries(edits)) {
    it(`makes ${what}`, () => {
      const document = parseXml(before, "a");
      const element = childOf(document.root, "b");
      assert.ok(element);
      assert.equal(editXml(document, [edit(element)].flat()), after);
    });
  }

  it("keeps every byte it does not edit", () => {
    const text = `\uFEFF<?xml version='1.0'?>\r\n<!-- a --><a  x = "1"><b/>\r\n<?p i?><![CDATA[<b/>]]>&#x41;<c></c>\t</a>\n\n`;
    assert.equal(editXml(parseXml(text, "a"), []), text);
  });

  it("refuses edits that overlap, and an outcome that is not XML", () => {
    const document = parseXml("<a><b>x</b></a>", "a");
    const element = childOf(document.root, "b");
    assert.ok(element);
    assert.throws(() => editXml(document, [setText(element, "y"), removeElement(element)]), /overlap/);
    assert.throws(() => editXml(document, [insertAfter(element, "<c>")]), XmlError);
  });
});
