import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { splitWhen } from "../../lib/config/split-when.ts";

describe("splitWhen()", () => {
  const cases: readonly (readonly [text: string, target: string, when: string | undefined])[] = [
    ["kvm1/web@latest", "kvm1/web", "latest"],
    ["kvm1/web@2026-11-23-012500", "kvm1/web", "2026-11-23-012500"],
    ["kvm1/web@2026-11-23T01:25:00Z", "kvm1/web", "2026-11-23-012500"],
    ["kvm1/web@2026-11-23 01:25:00", "kvm1/web", "2026-11-23-012500"],
    ["root@kvm1/web@latest", "root@kvm1/web", "latest"],
    ["root@kvm1/web", "root@kvm1/web", undefined],
    ["kvm1/mail@example.org", "kvm1/mail@example.org", undefined],
    ["kvm1/web@lastest", "kvm1/web@lastest", undefined],
    ["kvm1/web@2026-11-23", "kvm1/web@2026-11-23", undefined],
    ["kvm1/web@", "kvm1/web@", undefined],
    ["@latest", "@latest", undefined],
    ["", "", undefined],
    ["'rack1-*'@latest", "'rack1-*'", "latest"],
  ];
  for (const [text, target, when] of cases)
    it(`reads ${JSON.stringify(text)}`, () => assert.deepEqual(splitWhen(text), { target, when }));
});
