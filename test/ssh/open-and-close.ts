// Connects to each host named on the command line, closes what is open, and has nothing else to do.

import { openConnection } from "../../lib/ssh/connection.ts";

const [configFile, ...aliases] = process.argv.slice(2);
for (const alias of aliases) {
  const host = { name: alias, destination: alias, uri: "" };
  const options = { configFile, environment: process.env, signal: new AbortController().signal };
  try {
    const connection = await openConnection(host, options);
    await connection.run(["true"]);
    await connection.close();
    console.log(`${alias} connected`);
  } catch {
    console.log(`${alias} refused`);
  }
}
