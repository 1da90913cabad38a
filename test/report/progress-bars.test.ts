import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { VmEvent } from "../../lib/model/event.ts";
import { progressBars, type ProgressBars } from "../../lib/report/progress-bars.ts";
import { makeScreen, type Screen } from "../support/screen.ts";

function tell(bars: ProgressBars, vm: string, event: VmEvent): void {
  bars.update({ kind: "vm", host: "kvm1", vm, event });
}

const inspecting: VmEvent = { kind: "step-started", step: "inspect-vm" };
const copying: VmEvent = { kind: "step-started", step: "copy-disks" };
const finished: VmEvent = { kind: "vm-finished", outcome: { kind: "interrupted", leftOnHost: [] } };

let passing = 0;

/** A VM comes and goes, which makes the bars draw themselves without waiting for their clock. */
function draw(bars: ProgressBars): void {
  const vm = `passing${passing++}`;
  tell(bars, vm, inspecting);
  tell(bars, vm, finished);
}

/** Bars on a screen, given back in the end as it was. */
function onScreen(
  columns: number,
  rows: number,
  test: (bars: ProgressBars, screen: Screen) => void,
  clock?: () => number,
): void {
  const screen = makeScreen(columns, rows);
  const bars = progressBars(screen.terminal, clock);
  try {
    test(bars, screen);
  } finally {
    bars.stop();
  }
  assert.ok(screen.isAsBefore());
}

describe("progressBars()", () => {
  it("shows log lines at once also before there is a bar", () => {
    onScreen(80, 24, (bars, screen) => {
      bars.log("asking hosts");
      assert.deepEqual(screen.lines(), ["asking hosts"]);
    });
  });

  it("takes the bar of a VM away that is refused after it had one", () => {
    onScreen(60, 24, (bars, screen) => {
      tell(bars, "web", copying);
      tell(bars, "db", copying);
      draw(bars);
      assert.match(screen.lines().join(), /kvm1\/web/);
      bars.update({
        kind: "vm-refused",
        host: "kvm1",
        vm: "web",
        reason: { kind: "interrupted", signal: "x" },
      });
      draw(bars);
      assert.match(screen.lines().join(), /^kvm1\/db +0% copying$/);
    });
  });

  it("shows each VM's bar below the log, whether or not it has changed, and nothing of what was there before", () => {
    onScreen(60, 24, (bars, screen) => {
      tell(bars, "web", copying);
      tell(bars, "db", { kind: "step-started", step: "take-snapshot" });
      draw(bars);
      for (const line of ["one", "two", "three"]) bars.log(line);
      draw(bars);
      draw(bars);
      const [one, two, three, web, db, ...more] = screen.lines();
      assert.deepEqual([one, two, three, more], ["one", "two", "three", []]);
      assert.match(web ?? "", /^kvm1\/web +0% copying$/);
      assert.match(db ?? "", /^kvm1\/db +0% snapshot$/);
      tell(bars, "web", finished);
      bars.log("web is done");
      draw(bars);
      assert.deepEqual(screen.lines().slice(0, 4), ["one", "two", "three", "web is done"]);
      assert.equal(screen.lines().length, 5);
    });
  });

  it("cuts no log line off at the edge", () => {
    onScreen(60, 24, (bars, screen) => {
      tell(bars, "web", copying);
      for (const line of ["before", `ERROR: ${"what to do next ".repeat(8)}end`, "after"]) bars.log(line);
      draw(bars);
      const text = screen
        .lines()
        .map((row) => row.padEnd(60))
        .join("");
      assert.match(text, /^before +ERROR: (what to do next ){8}end +after +kvm1\/web +0% copying +$/);
    });
  });

  it("shows the last log lines when it stops", () => {
    onScreen(60, 24, (bars, screen) => {
      tell(bars, "web", copying);
      bars.log("last words");
      bars.stop();
      assert.deepEqual(screen.lines(), ["last words"]);
    });
  });

  it("leaves the fleet's line as it is in the end, and no other, when it stops", () => {
    onScreen(
      80,
      24,
      (bars, screen) => {
        bars.update({ kind: "vms-chosen", host: "kvm1", vms: ["web", "db", "off"] });
        tell(bars, "web", copying);
        tell(bars, "db", copying);
        draw(bars);
        tell(bars, "db", finished);
        bars.log("last words");
        bars.stop();
        const [words, fleet = "", ...more] = screen.lines();
        assert.deepEqual([words, more], ["last words", []]);
        assert.match(fleet, /^2 of 4 VMs +■{10} +50%/);
      },
      () => 0,
    );
  });

  for (const columns of [50, 80, 200]) {
    it(`cuts bars to fit ${columns} columns, however long names are`, () => {
      onScreen(columns, 24, (bars, screen) => {
        const vm = "ü".repeat(100);
        const fileName = `snapshots/${"long ".repeat(60)}.xml`;
        tell(bars, vm, { kind: "step-started", step: "publish-backup" });
        tell(bars, vm, { kind: "verify-progress", fileName, bytes: 2 ** 29, totalBytes: 2 ** 30 });
        draw(bars);
        const [bar = "", ...more] = screen.lines();
        assert.deepEqual(more, []);
        assert.match(bar, /^kvm1\/ü+… ■{10} +50% publishing?.*…$/);
        assert.ok(bar.length <= columns);
      });
    });
  }

  for (const columns of [80, 200]) {
    it(`has all bars begin at one column, whatever letters names are of, at ${columns} columns`, () => {
      onScreen(
        columns,
        24,
        (bars, screen) => {
          for (const vm of ["web", "仮想マシン-本番データベース-東京", "Ümläut", "x".repeat(99)]) {
            tell(bars, vm, copying);
            const copy = { target: "vda", totalBytes: 2 ** 30 } as const;
            tell(bars, vm, { kind: "copy-started", from: "/a", to: "/b", ...copy });
            tell(bars, vm, { kind: "copy-progress", bytes: 2 ** 29, ...copy });
          }
          draw(bars);
          const starts = [0, 1, 2, 3].map((line) => screen.columnOf(line, "■"));
          assert.equal(new Set(starts).size, 1, screen.lines().join("\n"));
          assert.notEqual(starts[0], -1);
          for (const line of screen.lines()) assert.match(line, / 50% copying vda 512 MiB of 1\.0 GiB$/);
        },
        () => 0,
      );
    });
  }

  it("tells how fast a disk arrives, and what it waits for when the link is broken", () => {
    let now = 0;
    const detail = (columns: number): readonly string[] => {
      const seen: string[] = [];
      now = 0;
      onScreen(
        columns,
        24,
        (bars, screen) => {
          const look = (): void => {
            draw(bars);
            seen.push(screen.lines()[0]!.replace(/^.*%/, "").trim());
          };
          const copy = { target: "vda", totalBytes: 2 ** 31 } as const;
          tell(bars, "web", copying);
          tell(bars, "web", { kind: "copy-started", from: "/a", to: "/b", ...copy });
          now = 8000;
          tell(bars, "web", { kind: "copy-progress", bytes: 2 ** 30, ...copy });
          look();
          tell(bars, "web", { kind: "copy-broken", target: "vda", detail: "reset", pauseSeconds: 4 });
          look();
          tell(bars, "web", { kind: "copy-progress", bytes: 2 ** 30, ...copy });
          tell(bars, "web", { kind: "step-started", step: "restore-host" });
          look();
        },
        () => now,
      );
      return seen;
    };
    const broken = "vda: link broken, again in 4 s";
    assert.deepEqual(detail(80), ["copying vda, 128 MiB/s", broken, "folding back"]);
    assert.deepEqual(detail(200), ["copying vda 1.0 GiB of 2.0 GiB, 128 MiB/s", broken, "folding back"]);
  });

  it("says in the fleet's line how many hosts have not answered yet", () => {
    onScreen(120, 24, (bars, screen) => {
      bars.update({ kind: "run-started", hosts: ["kvm1", "kvm2", "kvm3"], store: "/s" });
      bars.update({ kind: "vms-chosen", host: "kvm1", vms: ["web", "db"] });
      tell(bars, "web", finished);
      draw(bars);
      assert.match(screen.lines()[0] ?? "", /^1 of 2 VMs .* left, 2 hosts yet to answer$/);
    });
  });

  for (const columns of [80, 200]) {
    it(`has a line for the whole run above the others, once there are several VMs, at ${columns} columns`, () => {
      let now = 0;
      onScreen(columns, 24, checkFleet, () => now);

      function checkFleet(bars: ProgressBars, screen: Screen): void {
        bars.update({ kind: "vms-chosen", host: "kvm1", vms: ["web", "db", "mail", "off"] });
        tell(bars, "web", copying);
        tell(bars, "web", { kind: "copy-started", target: "vda", from: "/a", to: "/b", totalBytes: 2 ** 31 });
        now = 10_000;
        tell(bars, "web", { kind: "copy-progress", target: "vda", bytes: 2 ** 30, totalBytes: 2 ** 31 });
        tell(bars, "db", finished);
        now = 11_000;
        tell(bars, "mail", inspecting);
        draw(bars);
        const [fleet = "", web = "", mail = "", ...more] = screen.lines();
        assert.match(fleet, /^1 of 4 VMs +■{5} +25% 1\.0 GiB, 93\.1 MiB\/s, 40 s left$/);
        const amount = columns === 80 ? "" : " 1\\.0 GiB of 2\\.0 GiB";
        assert.match(web, new RegExp(`^kvm1/web +■{10} +50% copying vda${amount}, 102 MiB/s$`));
        assert.match(mail, /^kvm1\/mail +0% inspecting$/);
        assert.deepEqual(more, []);
      }
    });
  }

  it("shows no more bars than there are rows for, and those left out when others have ended", () => {
    onScreen(80, 10, (bars, screen) => {
      const names = Array.from({ length: 9 }, (_, index) => `vm${index}`);
      for (const vm of names) tell(bars, vm, copying);
      tell(bars, "vm0", finished);
      assert.equal(screen.lines().length, 5);
      tell(bars, "vm8", copying);
      tell(bars, "vm1", finished);
      assert.deepEqual(
        screen.lines().map((line) => line.split(" ")[0]),
        ["vm2", "vm3", "vm4", "vm5", "vm8"].map((vm) => `kvm1/${vm}`),
      );
    });
  });
});
