import assert from "node:assert/strict";
import { createServer } from "node:http";
import { test } from "node:test";

import { tradeServer } from "../src/server.mjs";
import { readSettings } from "../src/settings.mjs";
import { Upstream } from "../src/upstream.mjs";
import { ITEMS, QUOTES } from "./samples.mjs";

async function listening(context, server) {
  await new Promise((ready) => server.listen(0, "127.0.0.1", ready));
  context.after(() => server.close());
  return server.address().port;
}

async function serve(context, state, environment = {}) {
  const port = await listening(context, tradeServer(state, new Upstream(environment)));
  return (path, options) => fetch(`http://127.0.0.1:${port}${path}`, options);
}

const READY = { settings: readSettings(ITEMS), sha256: "a".repeat(64), source: "file", releaseKey: "", why: "" };

test("it says that it lives, is ready, which version and which configuration it is", async (context) => {
  const get = await serve(context, READY);
  assert.deepEqual(await (await get("/healthz")).json(), { alive: true });
  assert.deepEqual(await (await get("/readyz")).json(), { ready: true });
  assert.equal((await (await get("/version")).json()).component, "trade-web");
  assert.equal((await (await get("/config-version")).json()).sha256, READY.sha256);
});

test("an invalid configuration keeps it from being ready and is explained", async (context) => {
  const get = await serve(context, { settings: null, why: "web.title is missing" });
  for (const path of ["/readyz", "/", "/config-version"]) {
    const answer = await get(path);
    assert.equal(answer.status, 503);
    assert.match(await answer.text(), /web\.title/);
  }
  assert.equal((await get("/healthz")).status, 200);
});

test("the page shows what quote-service says of the watch list", async (context) => {
  const others = [...QUOTES, { symbol: "600519", name: "贵州茅台", previous_close: "1468.00" }];
  const quotes = createServer((_, response) => response.end(JSON.stringify({ quotes: others })));
  const port = await listening(context, quotes);
  const where = { QUOTE_SERVICE_SERVICE_HOST: "127.0.0.1", QUOTE_SERVICE_SERVICE_PORT: String(port) };
  const get = await serve(context, READY, where);
  const text = await (await get("/")).text();
  assert.match(text, /中泰证券/);
  assert.doesNotMatch(text, /贵州茅台/);
  assert.match(text, /委托网关暂时没有应答/);
});

test("services that give no usable answer do not stop the page", async (context) => {
  const port = await listening(context, createServer((_, response) => response.writeHead(500).end()));
  const where = { ORDER_GATEWAY_SERVICE_HOST: "127.0.0.1", ORDER_GATEWAY_SERVICE_PORT: String(port) };
  const answer = await (await serve(context, READY, where))("/");
  assert.equal(answer.status, 200);
  assert.match(await answer.text(), /委托网关暂时没有应答/);
});

test("what is not served is refused", async (context) => {
  const get = await serve(context, READY);
  assert.equal((await get("/secrets")).status, 404);
  assert.equal((await get("/", { method: "POST" })).status, 405);
});
