// The dashboard's modules keep the types that they say (JSDoc).
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { createRequire } from "node:module";
import test from "node:test";
import { fileURLToPath } from "node:url";

const compiler = createRequire(import.meta.url).resolve("typescript/bin/tsc");

test("the types of http/dashboard hold", () => {
  const { status, stdout } = spawnSync(process.execPath, [compiler, "-p", fileURLToPath(new URL("tsconfig.json", import.meta.url))], { encoding: "utf8" });
  assert.equal(status, 0, stdout);
});
