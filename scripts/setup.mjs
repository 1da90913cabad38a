// Makes `npm test`, `npm run check` and `npm run demo` work on a fresh clone: installs the packages when they
// are missing or are not the ones package-lock.json names. Plain JavaScript without dependencies, because it
// runs before there are any; does nothing, quickly, when there is nothing to do.

import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, renameSync, statSync, symlinkSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";

const top = fileURLToPath(new URL("..", import.meta.url));
const modules = join(top, "node_modules");

const oldestNode = 20;
if (Number.parseInt(process.versions.node, 10) < oldestNode) {
  fail(`virtfold needs Node ${oldestNode} or newer, and this is Node ${process.versions.node}.`);
}
if (!packagesAreInstalled()) installPackages();
linkBinary("@oven", "bin/bun", "bun/bin/bun.exe");
linkBinary("@oven", "bin/bun", "bun/bin/bunx.exe");
linkBinary("@deno", "deno", "deno/deno");

/**
 * Whether node_modules holds what the lock file names. npm keeps its own record of what it installed, and
 * writes it last, so that an installation that broke off counts as none.
 */
function packagesAreInstalled() {
  const installed = readPackages(join(modules, ".package-lock.json"));
  const wanted = readPackages(join(top, "package-lock.json"));
  if (installed === undefined || wanted === undefined) return installed !== undefined;
  return Object.entries(wanted).every(([path, { version, integrity, optional, peer }]) => {
    if (path === "") return true;
    const found = installed[path];
    // Optional packages are for other kinds of machine.
    if (found === undefined) return optional === true || peer === true;
    return found.version === version && found.integrity === integrity;
  });
}

function readPackages(path) {
  if (!existsSync(path)) return undefined;
  return JSON.parse(readFileSync(path, "utf8")).packages;
}

function installPackages() {
  const verb = existsSync(join(top, "package-lock.json")) ? "ci" : "install";
  console.log(`Installing packages (npm ${verb}); this happens once and after the lock file changes.`);
  // No package here needs its install script, and those of ssh2 would build native code that is never used.
  const flags = ["--ignore-scripts", "--include=dev", "--no-audit", "--no-fund", "--loglevel=error"];
  const npm = spawnSync("npm", [verb, ...flags], { cwd: top, encoding: "utf8" });
  if (npm.error) fail(`Cannot run npm: ${npm.error.message}.`);
  if (npm.status !== 0) fail(`${npm.stdout}${npm.stderr}\n"npm ${verb}" failed; its own words are above.`);
}

/**
 * Puts a runtime's program where its package expects it. This is what the package's install script would have
 * done; Bun's command only prints an error until then.
 */
function linkBinary(scope, program, place) {
  const target = join(modules, place);
  // What stands there before is a few lines of text; the programs have tens of megabytes.
  if (existsSync(target) && statSync(target).size > 1_000_000) return;
  const platforms = existsSync(join(modules, scope)) ? readdirSync(join(modules, scope)) : [];
  const binary = platforms
    .map((name) => join(modules, scope, name, program))
    .find((path) => existsSync(path));
  // Only tests need it; they say so.
  if (binary === undefined) return;
  const link = `${target}.${process.pid}`;
  symlinkSync(relative(dirname(target), binary), link);
  renameSync(link, target);
}

function fail(message) {
  console.error(message);
  process.exit(1);
}
