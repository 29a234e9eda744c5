// Bake version and commit into the sources.
import { writeFileSync } from "node:fs";

import { COMPONENT, commit, version } from "./release.mjs";

const stamp = { commit: commit(), component: COMPONENT, version: version() };
writeFileSync("src/build-info.json", `${JSON.stringify(stamp)}\n`);
console.log(`${COMPONENT} ${version()} at ${commit()}`);
