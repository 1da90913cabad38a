// The keys to log in with: the agent's, then files. The only user of ssh2 itself, which node-ssh leaves to us for this.

import { readFile } from "node:fs/promises";
import ssh2 from "ssh2";
import type { AnyAuthMethod, BaseAgent, ParsedKey } from "ssh2";
import type { ClientConfig, IdentityFile } from "./client-config.ts";

/** Ways to log in, in the order they shall be tried. */
export interface Identities {
  readonly methods: AnyAuthMethod[];
  /** What they are, and which were no use, for the message when none is accepted. Paths; never contents. */
  readonly tried: readonly string[];
}

const agentAnswerMilliseconds = 5000;

/**
 * Gathers what can be tried at a host. The agent's keys come first, those that the configuration names before
 * others; a key file that the agent holds too is not tried twice, since servers count attempts.
 */
export async function gatherIdentities(config: ClientConfig): Promise<Identities> {
  const files = await Promise.all(config.identityFiles.map(readKeyFile));
  const named = new Set(files.flatMap(({ publicKey }) => (publicKey === undefined ? [] : [publicKey])));
  const agent = await askAgent(config, named);
  const username = config.user;
  const unheld = files.filter(({ publicKey }) => publicKey === undefined || !agent.keys.has(publicKey));
  return {
    methods: [
      // Some servers let a known network peer in as it is; the others answer with what they accept.
      { type: "none", username },
      ...agent.methods,
      ...unheld.flatMap(({ text }) =>
        text === undefined ? [] : [{ type: "publickey" as const, username, key: text }],
      ),
    ],
    tried: [...agent.tried, ...unheld.flatMap(({ tried }) => (tried === undefined ? [] : [tried]))],
  };
}

interface KeyFile {
  /** The private key, when it can be used. */
  readonly text: string | undefined;
  readonly publicKey: string | undefined;
  readonly tried: string | undefined;
}

async function readKeyFile({ path, isDefault }: IdentityFile): Promise<KeyFile> {
  const publicKey = await readPublicKey(`${path}.pub`);
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (error) {
    const isMissing = (error as NodeJS.ErrnoException).code === "ENOENT";
    if (isMissing && isDefault) return { text: undefined, publicKey, tried: undefined };
    return { text: undefined, publicKey, tried: `${path} (${isMissing ? "not found" : "not readable"})` };
  }
  const key = parse(text);
  if (key instanceof Error)
    return { text: undefined, publicKey, tried: `${path} (${whyUseless(text, key)})` };
  const ownPublicKey = publicText(key);
  if (!key.isPrivateKey()) {
    return { text: undefined, publicKey: ownPublicKey, tried: `${path} (a public key that no agent holds)` };
  }
  return { text, publicKey: ownPublicKey, tried: path };
}

async function readPublicKey(path: string): Promise<string | undefined> {
  const text = await readFile(path, "utf8").catch(() => "");
  return text.trim().split(/\s+/)[1];
}

function whyUseless(text: string, error: Error): string {
  const isEncrypted = /^Encrypted /.test(error.message) || /ENCRYPTED/.test(text);
  return isEncrypted ? "encrypted: load it into ssh-agent" : `unusable here: ${error.message}`;
}

function parse(key: string): ParsedKey | Error {
  // ssh2's types leave out that it may answer with a list.
  const parsed = ssh2.utils.parseKey(key) as ParsedKey | Error | ParsedKey[];
  return Array.isArray(parsed) ? (parsed[0] ?? new Error("it holds no key")) : parsed;
}

function publicText(key: ParsedKey): string {
  return key.getPublicSSH().toString("base64");
}

interface AgentKeys {
  readonly methods: AnyAuthMethod[];
  /** Public keys that will be tried. */
  readonly keys: ReadonlySet<string>;
  readonly tried: readonly string[];
}

/** Asks before connecting: an agent that does not answer would otherwise end the whole attempt. */
async function askAgent(config: ClientConfig, named: ReadonlySet<string>): Promise<AgentKeys> {
  const socket = config.identityAgent;
  if (socket === undefined || socket === "") return { methods: [], keys: new Set(), tried: [] };
  // An OpenSSH agent as everywhere but on Windows: it answers with parsed keys.
  const agent = ssh2.createAgent(socket) as BaseAgent<ParsedKey>;
  const held = await listKeys(agent);
  if (held instanceof Error) {
    return { methods: [], keys: new Set(), tried: [`agent ${socket} (${held.message})`] };
  }
  const first = held.filter((key) => named.has(publicText(key)));
  const others = config.identitiesOnly ? [] : held.filter((key) => !named.has(publicText(key)));
  const offered = [...first, ...others];
  agent.getIdentities = (callback) => callback(undefined, offered);
  return {
    methods: offered.length === 0 ? [] : [{ type: "agent", username: config.user, agent }],
    keys: new Set(offered.map(publicText)),
    tried: [
      `agent ${socket} (${offered.length === 0 ? "no keys" : offered.map(({ comment }) => comment).join(", ")})`,
    ],
  };
}

function isParsed(key: object): key is ParsedKey {
  return "getPublicSSH" in key;
}

async function listKeys(agent: BaseAgent<ParsedKey>): Promise<readonly ParsedKey[] | Error> {
  return await new Promise((resolve) => {
    const timer = setTimeout(() => resolve(new Error("does not answer")), agentAnswerMilliseconds);
    agent.getIdentities((error, keys) => {
      clearTimeout(timer);
      resolve(
        error instanceof Error || keys === undefined ? new Error("cannot be asked") : keys.filter(isParsed),
      );
    });
  });
}
