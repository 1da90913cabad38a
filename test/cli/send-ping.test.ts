import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, it } from "node:test";
import { describeProblem } from "../../lib/cli/describe-problem.ts";
import { sendPing } from "../../lib/cli/send-ping.ts";
import { readSettings } from "../../lib/config/settings.ts";
import { statusAfter } from "../../lib/report/fleet-status.ts";
import { runResult } from "../../lib/report/run-result.ts";
import type { RunFinished } from "../../lib/report/run-result-schema.ts";
import { reasonOf } from "../store/reason-of.ts";

const now = new Date("2026-11-23T01:25:00.000Z");
const secret = "5ec4e7";

function ended(exitCode: number, vms: readonly RunFinished["vms"][number]["result"][] = []): RunFinished {
  const result = runResult(statusAfter([]), { startedAt: now, now, store: "/s", asked: [], exitCode });
  const known = { host: "kvm1", copiedBytes: 0, degradedBy: [], leftOnHost: [] };
  return { ...result, vms: vms.map((one, index) => ({ ...known, vm: `web${index}`, result: one })) };
}

/** Runs something with the address of a server that answers so, and returns what it was asked. */
async function asked(
  answer: (response: ServerResponse) => void,
  work: (address: string) => Promise<void>,
): Promise<readonly string[]> {
  const heard: string[] = [];
  const server = createServer((request: IncomingMessage, response) => {
    let body = "";
    request.setEncoding("utf8").on("data", (text: string) => (body += text));
    request.on("end", () => {
      heard.push(`${request.method} ${request.url} ${body}`);
      answer(response);
    });
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  try {
    await work(`http://127.0.0.1:${(server.address() as AddressInfo).port}/ping/${secret}`);
  } finally {
    server.closeAllConnections();
    server.close();
  }
  return heard;
}

const well = (response: ServerResponse): void => void response.end("OK");

describe("sendPing()", () => {
  it("tells the start, and the end by how the run went, without any name", async () => {
    const heard = await asked(well, async (address) => {
      await sendPing(address, { kind: "start" });
      await sendPing(`${address}/?rid=1`, { kind: "end", result: ended(0, ["ok", "ok"]) });
      await sendPing(address, { kind: "end", result: ended(5, ["ok", "degraded"]) });
      for (const code of [1, 3, 4, 130])
        await sendPing(address, { kind: "end", result: ended(code, ["failed"]) });
    });
    assert.deepEqual(heard, [
      `POST /ping/${secret}/start virtfold backup began`,
      `POST /ping/${secret}?rid=1 virtfold backup ended with exit code 0: 2 ok`,
      `POST /ping/${secret} virtfold backup ended with exit code 5: 1 ok, 1 degraded`,
      ...[1, 3, 4, 130].map(
        (code) => `POST /ping/${secret}/fail virtfold backup ended with exit code ${code}: 1 failed`,
      ),
    ]);
  });

  it("says who did not take it, and never the address", async () => {
    const said = async (work: Promise<void>): Promise<string> => {
      const reason = await reasonOf(work);
      return reason.kind === "usage" ? reason.detail : reason.kind;
    };
    await asked(
      (response) => void response.writeHead(404).end(),
      async (address) => {
        const detail = await said(sendPing(address, { kind: "start" }));
        assert.match(detail, /^Cannot tell 127\.0\.0\.1:\d+ .* that the run began: it answered 404$/);
      },
    );
    const nobody = await said(sendPing(`http://127.0.0.1:1/${secret}`, { kind: "end", result: ended(0) }));
    assert.match(nobody, /^Cannot tell 127\.0\.0\.1:1 .* that the run ended: \S+/);
    assert.ok(!nobody.includes(secret), nobody);
  });
});

describe("VIRTFOLD_PING_URL", () => {
  it("is refused when it is no web address, without being shown", () => {
    for (const pingUrl of [`ftp://x/${secret}`, secret, `http//x/${secret}`]) {
      const reading = readSettings([{ store: "/s", pingUrl }]);
      assert.ok("problems" in reading, pingUrl);
      const text = reading.problems.map(describeProblem).join();
      assert.match(text, /^--ping-url \(or VIRTFOLD_PING_URL\) cannot be what it is: http or https address /);
      assert.ok(!text.includes(secret), text);
    }
  });
});
