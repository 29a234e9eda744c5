import { existsSync, readFileSync } from "node:fs";

const STAMP = new URL("build-info.json", import.meta.url);

/** Component, version and commit, stamped by the pipeline; a plain checkout says that it was never built. */
export function readBuildInfo() {
  if (!existsSync(STAMP)) return { component: "trade-web", version: "unbuilt", commit: "unknown" };
  return JSON.parse(readFileSync(STAMP, "utf8"));
}
