// Write build.json: all that this pipeline made, by digest.
import { readFileSync, writeFileSync } from "node:fs";

import { COMPONENT, commit, sha256, version } from "./release.mjs";

const build = {
  component: COMPONENT,
  version: version(),
  commit: commit(),
  image: {
    repository: `trading-dev/${COMPONENT}`,
    digest: readFileSync("image-digest.txt", "utf8").trim(),
  },
  packages: [JSON.parse(readFileSync("package.described.json", "utf8"))],
  sbom: { path: "sbom.json", sha256: sha256("sbom.json") },
};
writeFileSync("build.json", `${JSON.stringify(build, null, 2)}\n`);
console.log(`${COMPONENT} ${version()} ${JSON.stringify(build.image)}`);
