import assert from "node:assert/strict";
import { mkdtempSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";

import { ConfigurationError, hashOf, loadSettings, parseProperties, readSettings } from "../src/settings.mjs";
import { ITEMS } from "./samples.mjs";

test("a property file is read line by line", () => {
  assert.deepEqual(parseProperties("# said\n\na = 1\nb=2=3\n"), { a: "1", b: "2=3" });
});

test("a line that is no item is named", () => {
  assert.throws(() => parseProperties("a = 1\nnothing"), /line 2/);
});

test("a configuration is named by its items, whatever their order", () => {
  assert.equal(hashOf({ b: "2", a: "1" }), hashOf({ a: "1", b: "2" }));
  assert.equal(hashOf({}), "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a");
});

test("a value that can not be is refused by key", () => {
  for (const [key, value] of [
    ["web.title", ""],
    ["web.watchlist", "600918,60051"],
    ["web.orders.shown", "many"],
  ]) {
    assert.throws(() => readSettings({ ...ITEMS, [key]: value }), (error) => {
      return error instanceof ConfigurationError && error.message.includes(key);
    });
  }
});

test("without Apollo and files it says what is missing", async () => {
  const state = await loadSettings({});
  assert.match(state.why, /TRADE_WEB_CONFIG/);
});

test("a file that is not there is named", async () => {
  const state = await loadSettings({ TRADE_WEB_CONFIG: "nowhere.properties" });
  assert.match(state.why, /nowhere\.properties/);
});

test("Apollo's release is taken, and the file while there is none", async (context) => {
  const answers = [{ status: 200, body: JSON.stringify({ releaseKey: "r1", configurations: ITEMS }) }];
  answers.push({ status: 404, body: "{}" }, { status: 200, body: "<html>" }, { status: 200, body: "{}" });
  const apollo = createServer((_, response) => {
    const { status, body } = answers.shift();
    response.writeHead(status).end(body);
  });
  await new Promise((listening) => apollo.listen(0, "127.0.0.1", listening));
  context.after(() => apollo.close());
  const file = join(mkdtempSync(join(tmpdir(), "trade-web-")), "application.properties");
  writeFileSync(file, Object.entries(ITEMS).map(([key, value]) => `${key} = ${value}`).join("\n"));
  const environment = { TRADE_WEB_CONFIG: file, APOLLO_CONFIG_URL: `http://127.0.0.1:${apollo.address().port}/PRO` };
  const sources = [];
  for (let times = 0; times < 4; times += 1) sources.push((await loadSettings(environment)).source);
  assert.deepEqual(sources, ["apollo", "file", "file", "file"]);
});
