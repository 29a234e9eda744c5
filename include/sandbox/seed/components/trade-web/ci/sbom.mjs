// The software bill of materials, CycloneDX 1.6: trade-web itself; it has no packages to list.
import { readFileSync, writeFileSync } from "node:fs";

import { COMPONENT, version } from "./release.mjs";

const { dependencies = {}, description } = JSON.parse(readFileSync("package.json", "utf8"));
if (Object.keys(dependencies).length > 0) {
  throw new Error("package.json has dependencies now: make the SBOM with @cyclonedx/cyclonedx-npm");
}
const reference = `pkg:npm/${COMPONENT}@${version()}`;
const bom = {
  bomFormat: "CycloneDX",
  specVersion: "1.6",
  version: 1,
  metadata: {
    component: {
      type: "application",
      "bom-ref": reference,
      name: COMPONENT,
      version: version(),
      description,
      purl: reference,
    },
  },
  components: [],
  dependencies: [{ ref: reference }],
};
writeFileSync("sbom.json", `${JSON.stringify(bom, null, 2)}\n`);
