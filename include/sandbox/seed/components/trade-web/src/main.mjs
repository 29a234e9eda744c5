// `node src/main.mjs`: listen on $PORT until SIGTERM.
import process from "node:process";

import { readBuildInfo } from "./build-info.mjs";
import { log } from "./log.mjs";
import { tradeServer } from "./server.mjs";
import { loadSettings } from "./settings.mjs";
import { Upstream } from "./upstream.mjs";

const state = await loadSettings(process.env);
const upstream = new Upstream(process.env);
const server = tradeServer(state, upstream);
// A pod listens on its own address; a checkout on this machine alone.
const host = process.env.POD_IP || "127.0.0.1";
server.listen(Number(process.env.PORT ?? "8082"), host, () => {
  const build = readBuildInfo();
  log(`trade-web ${build.version} (${build.commit}) listens on port ${server.address().port}`);
  log(state.why ? `not ready: ${state.why}` : `configuration ${state.sha256} from ${state.source}`);
});
for (const signal of ["SIGTERM", "SIGINT"]) {
  process.on(signal, () => {
    server.close();
    server.closeAllConnections();
  });
}
