// The service as its users see it.
import assert from "node:assert/strict";
import { test } from "node:test";

import { get } from "./web.mjs";

test("it is alive and ready", async () => {
  assert.deepEqual(await (await get("/healthz")).json(), { alive: true });
  assert.deepEqual(await (await get("/readyz")).json(), { ready: true });
});

test("it says which version and configuration it is", async () => {
  assert.equal((await (await get("/version")).json()).component, "trade-web");
  assert.match((await (await get("/config-version")).json()).sha256, /^[0-9a-f]{64}$/);
});

test("the page is there, whatever else is", async () => {
  const answer = await get("/");
  assert.equal(answer.status, 200);
  const text = await answer.text();
  for (const heading of ["交易工作台", "行情", "最近委托"]) assert.ok(text.includes(heading), heading);
});

test("an unknown path is not served", async () => {
  assert.equal((await get("/admin")).status, 404);
});
