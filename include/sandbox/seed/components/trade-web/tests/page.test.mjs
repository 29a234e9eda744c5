import assert from "node:assert/strict";
import { test } from "node:test";

import { escape, page } from "../src/page.mjs";
import { readSettings } from "../src/settings.mjs";
import { ITEMS, QUOTES } from "./samples.mjs";

const settings = readSettings(ITEMS);
const build = { version: "1.0.0" };

test("quotes and orders are shown", () => {
  const orders = [{ id: 7, symbol: "600918", side: "BUY", quantity: 100, price: "6.50" }];
  const text = page(settings, QUOTES, orders, build);
  for (const shown of ["中泰证券", "6.52", "<td>7</td>", "交易工作台"]) assert.ok(text.includes(shown), shown);
});

test("a service that gives no answer is named and the rest is shown", () => {
  const text = page(settings, null, [], build);
  assert.match(text, /行情服务暂时没有应答/);
  assert.match(text, /最近委托/);
});

test("what comes from elsewhere is escaped", () => {
  assert.equal(escape(`<b>"&'`), "&lt;b&gt;&quot;&amp;&#39;");
  const text = page(settings, [{ ...QUOTES[0], name: "<script>" }], null, build);
  assert.ok(!text.includes("<script>"));
});

test("a field that a quote lacks is a dash", () => {
  const { previous_close: _, ...rest } = QUOTES[0];
  assert.match(page(settings, [rest], null, build), /<td>–<\/td>/);
});
