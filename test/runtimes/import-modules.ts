// Imports the modules it is given by their addresses. test/runtimes/smoke.test.ts runs it in a process of its own,
// which must then end by itself and have said nothing.

const before = processState();
for (const address of process.argv.slice(2)) await import(address);
for (const [name, value] of Object.entries(processState())) {
  // Without the values: the environment may hold secrets.
  if (value !== before[name]) console.error(`Importing changed the ${name}`);
}

function processState(): Readonly<Record<string, unknown>> {
  return {
    environment: JSON.stringify(Object.entries(process.env).sort()),
    "working directory": process.cwd(),
    "exit code": process.exitCode,
    "signal listeners": ["SIGINT", "SIGTERM", "SIGHUP", "exit"]
      .map((event) => process.listenerCount(event))
      .join(),
  };
}
