// Where the service under test is, and how it is called.
import process from "node:process";

/** TRADE_WEB_URL, or the address that Kubernetes gives every pod of the namespace. */
export function address() {
  const { TRADE_WEB_URL: url, TRADE_WEB_SERVICE_HOST: host, TRADE_WEB_SERVICE_PORT: port } = process.env;
  return url ?? `http://${host}:${port}`;
}

/** An answer of the service. */
export function get(path) {
  return fetch(address() + path, { signal: AbortSignal.timeout(10_000) });
}
