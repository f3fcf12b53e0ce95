// http/openapi.yaml keeps the rules of redocly.yaml. Reads these two files and nothing else: no network.
import assert from "node:assert/strict";
import test from "node:test";
import { fileURLToPath } from "node:url";

import { formatProblems, lint, loadConfig } from "@redocly/openapi-core";

const here = (name) => fileURLToPath(new URL(name, import.meta.url));

test("openapi.yaml has nothing that the linter complains of", async () => {
  const config = await loadConfig({ configPath: here("redocly.yaml") });
  const problems = await lint({ ref: here("../../http/openapi.yaml"), config });
  if (problems.length) {
    formatProblems(problems, { format: "stylish", totals: { errors: 0, warnings: 0, ignored: 0 } });
  }
  assert.equal(problems.length, 0, problems.map(({ message }) => message).join("\n"));
});

test("the linter sees what is wrong", async () => {
  const config = await loadConfig({ configPath: here("redocly.yaml") });
  const problems = await lint({ ref: here("wrong.yaml"), config });
  const rules = new Set(problems.map(({ ruleId }) => ruleId));
  for (const rule of ["struct", "no-unresolved-refs", "operation-operationId-unique",
    "path-parameters-defined"]) {
    assert.ok(rules.has(rule), `${rule} is not among ${[...rules].join(", ")}`);
  }
});
