// The configuration: text items by key, named by their hash; Apollo's release first, files while it gives none.
// Another configuration means another pod: nothing changes under a running one.
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";

const READ_MILLISECONDS = 5000;

/** A configuration that this version can not work with; the message names key and value. */
export class ConfigurationError extends Error {}

/** Items of a `key = value` text; blank lines and lines that begin with # say nothing. */
export function parseProperties(text) {
  const items = {};
  for (const [index, raw] of text.split(/\r?\n/).entries()) {
    const line = raw.trim();
    if (!line || line.startsWith("#")) continue;
    const place = line.indexOf("=");
    if (place < 1) throw new ConfigurationError(`line ${index + 1}: expected key = value, found "${line}"`);
    items[line.slice(0, place).trim()] = line.slice(place + 1).trim();
  }
  return items;
}

/** SHA-256 of the items as JSON with sorted keys and no blanks, UTF-8. */
export function hashOf(items) {
  const sorted = Object.fromEntries(Object.entries(items).sort(([a], [b]) => (a < b ? -1 : 1)));
  return createHash("sha256").update(JSON.stringify(sorted), "utf8").digest("hex");
}

/** What the items mean; ConfigurationError when one of them can not be. */
export function readSettings(items) {
  return {
    title: required(items, "web.title"),
    watchlist: watchlist(required(items, "web.watchlist")),
    ordersShown: whole(items, "web.orders.shown"),
  };
}

/** The state that the server answers from: `settings` and no `why`, or a `why` and no settings. */
export async function loadSettings(environment) {
  try {
    const found = await readItems(environment);
    const settings = readSettings(found.items);
    return { settings, sha256: hashOf(found.items), source: found.source, releaseKey: found.releaseKey, why: "" };
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    return { settings: null, why: error.message };
  }
}

async function readItems(environment) {
  let why = "no configuration service is named";
  if (environment.APOLLO_CONFIG_URL) {
    try {
      return await readRelease(environment);
    } catch (error) {
      why = error.message;
    }
  }
  const files = (environment.TRADE_WEB_CONFIG ?? "").split(":").filter(Boolean);
  if (files.length === 0) throw new ConfigurationError(`${why}, and TRADE_WEB_CONFIG names no file`);
  const items = {};
  for (const file of files) Object.assign(items, parseProperties(await textOf(file)));
  return { items, source: "file", releaseKey: "" };
}

async function readRelease(environment) {
  const names = [
    environment.APOLLO_APP_ID ?? "trade-web",
    environment.APOLLO_CLUSTER ?? "default",
    environment.APOLLO_NAMESPACE ?? "application",
  ];
  const base = environment.APOLLO_CONFIG_URL.replace(/\/+$/, "");
  const answer = await fetch(`${base}/configs/${names.map(encodeURIComponent).join("/")}`, {
    signal: AbortSignal.timeout(READ_MILLISECONDS),
  });
  if (!answer.ok) throw new Error(`${base} answered ${answer.status}`);
  const release = await answer.json();
  if (typeof release.configurations !== "object" || release.configurations === null) {
    throw new Error(`${base} answered without configurations`);
  }
  return { items: release.configurations, source: "apollo", releaseKey: String(release.releaseKey ?? "") };
}

async function textOf(file) {
  try {
    return await readFile(file, "utf8");
  } catch (error) {
    throw new ConfigurationError(`${file}: ${error.code}`);
  }
}

function required(items, key) {
  const value = (items[key] ?? "").trim();
  if (!value) throw new ConfigurationError(`${key} is missing`);
  return value;
}

function whole(items, key) {
  const text = required(items, key);
  if (!/^[1-9][0-9]{0,5}$/.test(text)) {
    throw new ConfigurationError(`${key} must be a positive whole number, found "${text}"`);
  }
  return Number(text);
}

function watchlist(text) {
  const symbols = text.split(",").map((symbol) => symbol.trim());
  const wrong = symbols.find((symbol) => !/^[0-9]{6}$/.test(symbol));
  if (wrong !== undefined) throw new ConfigurationError(`web.watchlist: "${wrong}" is not a six-digit code`);
  return symbols;
}
