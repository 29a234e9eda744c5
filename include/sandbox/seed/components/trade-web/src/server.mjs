// The page and the probes over HTTP.
import { createServer } from "node:http";

import { readBuildInfo } from "./build-info.mjs";
import { log } from "./log.mjs";
import { page } from "./page.mjs";

const PROBES = ["/healthz", "/readyz"];
const HTML = "text/html; charset=utf-8";
const JSON_TYPE = "application/json; charset=utf-8";

/** A server over a state (see loadSettings) and where quotes and orders come from. */
export function tradeServer(state, upstream) {
  return createServer(async (request, response) => {
    const path = request.url.split("?")[0];
    let answer;
    try {
      answer = await route(request.method, path, state, upstream);
    } catch (error) {
      log(`${request.method} ${path} failed: ${error.stack}`);
      answer = json(500, { error: "the page could not be made" });
    }
    response.writeHead(answer.status, { "Content-Type": answer.type });
    response.end(answer.body);
    if (!PROBES.includes(path)) log(`${request.method} ${path} ${answer.status}`);
  });
}

async function route(method, path, state, upstream) {
  if (method !== "GET") return json(405, { error: `${method} is not served` });
  switch (path) {
    case "/healthz":
      return json(200, { alive: true });
    case "/readyz":
      return state.why ? json(503, { ready: false, why: state.why }) : json(200, { ready: true });
    case "/version":
      return json(200, readBuildInfo());
    case "/config-version":
      return state.why ? json(503, { rejected: state.why }) : json(200, configurationOf(state));
    case "/":
      return state.why ? json(503, { error: state.why }) : await front(state.settings, upstream);
    default:
      return json(404, { error: `${path} is not served` });
  }
}

async function front(settings, upstream) {
  const [quotes, orders] = await Promise.all([
    upstream.quotes(settings.watchlist),
    upstream.orders(settings.ordersShown),
  ]);
  return { status: 200, type: HTML, body: page(settings, quotes, orders, readBuildInfo()) };
}

function configurationOf(state) {
  return { sha256: state.sha256, source: state.source, release_key: state.releaseKey };
}

function json(status, body) {
  return { status, type: JSON_TYPE, body: JSON.stringify(body) };
}
