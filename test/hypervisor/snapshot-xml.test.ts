import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { orderSnapshots, SnapshotOrderError } from "../../lib/hypervisor/order-snapshots.ts";
import { parseSnapshot } from "../../lib/hypervisor/snapshot-xml.ts";
import { XmlError } from "../../lib/hypervisor/xml-error.ts";
import { fixture } from "./fixture.ts";

const snapshot = (inside: string) => `<domainsnapshot><name>s</name>${inside}</domainsnapshot>`;
const disk = (name: string, place: string) => `<disk name='${name}' snapshot='${place}'/>`;

const locations: readonly (readonly [string, string, readonly string[]])[] = [
  [
    snapshot(`<state>running</state><memory snapshot='internal'/><disks>${disk("vda", "internal")}</disks>`),
    "internal",
    ["vda"],
  ],
  [
    snapshot(
      `<state>shutoff</state><memory snapshot='no'/><disks>${disk("vda", "internal")}${disk("hdc", "no")}</disks>`,
    ),
    "internal",
    ["vda"],
  ],
  [
    snapshot(`<state>disk-snapshot</state><memory snapshot='no'/><disks>${disk("vda", "external")}</disks>`),
    "external",
    [],
  ],
  [
    snapshot(
      `<state>running</state><memory snapshot='external' file='/m'/><disks>${disk("vda", "external")}</disks>`,
    ),
    "external",
    [],
  ],
  [
    snapshot(`<state>running</state><memory snapshot='internal'/><disks>${disk("vda", "external")}</disks>`),
    "mixed",
    [],
  ],
  [
    snapshot(`<state>shutoff</state><disks>${disk("vda", "internal")}${disk("vdb", "external")}</disks>`),
    "mixed",
    ["vda"],
  ],
  [
    snapshot(`<state>shutoff</state><disks>${disk("vda", "internal")}${disk("vdb", "manual")}</disks>`),
    "mixed",
    ["vda"],
  ],
  [snapshot("<state>disk-snapshot</state>"), "external", []],
  [snapshot("<state>shutoff</state><creationTime>1</creationTime>"), "internal", []],
  [
    snapshot(
      `<state>shutoff</state><disks>${disk("/a &amp; b", "internal")}${disk("/unknown", "internal")}</disks>` +
        `<domain><devices><disk><source file='/a &amp; b'/><target dev='vdb'/></disk></devices></domain>`,
    ),
    "internal",
    ["vdb", "/unknown"],
  ],
];

describe("parseSnapshot()", () => {
  for (const [xml, location, targets] of locations) {
    it(`finds ${location} in ${xml.slice(32, 110)}`, () => {
      const found = parseSnapshot(xml);
      assert.equal(found.location, location);
      assert.deepEqual(found.internalTargets, targets);
      assert.equal(found.xml, xml);
    });
  }

  const real: readonly (readonly [string, string, string | undefined, string, readonly string[]])[] = [
    ["snaptree.snapshot.zeta-base.xml", "zeta base", undefined, "shutoff", ["vda"]],
    ["snaptree.snapshot.mid-state.xml", "Mid state", "alpha moment", "running", ["vda"]],
    ["awkward.snapshot.off.xml", "--off", undefined, "shutoff", ["vda", "vdb"]],
    ["awkward.snapshot.running.xml", `sn <&> 'ü", x`, "--off", "running", ["vda", "vdb"]],
  ];
  for (const [file, name, parent, state, internalTargets] of real) {
    it(`reads ${file}`, () => {
      const xml = fixture(file);
      assert.deepEqual(parseSnapshot(xml), {
        name,
        parent,
        state,
        location: "internal",
        internalTargets,
        xml,
      });
    });
  }

  for (const xml of ["", "<domain/>", "<domainsnapshot/>", "<domainsnapshot><name/></domainsnapshot>"]) {
    it(`refuses ${JSON.stringify(xml)}`, () => {
      assert.throws(() => parseSnapshot(xml), XmlError);
    });
  }
});

describe("orderSnapshots()", () => {
  const order = (tree: Readonly<Record<string, string>>) =>
    orderSnapshots(Object.entries(tree).map(([name, parent]) => ({ name, parent: parent || undefined }))).map(
      ({ name }) => name,
    );

  const trees: readonly (readonly [Readonly<Record<string, string>>, readonly string[]])[] = [
    [{}, []],
    [{ a: "", b: "a", c: "b" }, ["a", "b", "c"]],
    [{ c: "b", b: "a", a: "" }, ["a", "b", "c"]],
    [
      {
        "alpha moment": "zeta base",
        "beta sibling": "zeta base",
        "Mid state": "alpha moment",
        "zeta base": "",
      },
      ["zeta base", "alpha moment", "beta sibling", "Mid state"],
    ],
    [{ d: "", c: "", b: "d", a: "c", e: "" }, ["d", "c", "b", "a", "e"]],
    [{ "--x y": "-", "-": "", "ü,'\"": "-" }, ["-", "--x y", "ü,'\""]],
  ];
  for (const [tree, expected] of trees) {
    it(`puts ${JSON.stringify(Object.keys(tree))} in order`, () => {
      assert.deepEqual(order(tree), expected);
    });
  }

  it("keeps up with a thousand in a row", () => {
    const tree = Object.fromEntries(
      Array.from({ length: 1000 }, (_, index) => [`s${index}`, index === 999 ? "" : `s${index + 1}`]),
    );
    assert.equal(order(tree)[0], "s999");
  });

  const broken: readonly (readonly [Readonly<Record<string, string>>, string])[] = [
    [{ a: "b" }, "missing-parent"],
    [{ a: "a" }, "cycle"],
    [{ x: "", a: "b", b: "c", c: "a" }, "cycle"],
  ];
  for (const [tree, fault] of broken) {
    it(`refuses ${JSON.stringify(tree)}`, () => {
      assert.throws(
        () => order(tree),
        (error) => error instanceof SnapshotOrderError && error.fault === fault,
      );
    });
  }

  it("refuses two of one name", () => {
    const twice = [
      { name: "a", parent: undefined },
      { name: "a", parent: undefined },
    ];
    assert.throws(
      () => orderSnapshots(twice),
      (error) => error instanceof SnapshotOrderError && error.fault === "duplicate-name",
    );
  });
});
