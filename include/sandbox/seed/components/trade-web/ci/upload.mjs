// Put the package into Artifactory by its REST API, with the checksum that it must arrive with.
import { readFileSync, writeFileSync } from "node:fs";
import process from "node:process";

import { REPOSITORY, archive, archivePath, sha256 } from "./release.mjs";

const { ARTIFACTORY_URL, ARTIFACTORY_USER, ARTIFACTORY_TOKEN } = process.env;
const checksum = sha256(archive());
const account = Buffer.from(`${ARTIFACTORY_USER}:${ARTIFACTORY_TOKEN}`).toString("base64");
const answer = await fetch(`${ARTIFACTORY_URL.replace(/\/+$/, "")}/${REPOSITORY}/${archivePath()}`, {
  method: "PUT",
  body: readFileSync(archive()),
  headers: {
    Authorization: `Basic ${account}`,
    "Content-Type": "application/gzip",
    "X-Checksum-Sha256": checksum,
  },
  signal: AbortSignal.timeout(60_000),
});
const text = await answer.text();
if (!answer.ok) throw new Error(`Artifactory answered ${answer.status}: ${text.slice(0, 500)}`);
const arrived = JSON.parse(text).checksums.sha256;
if (arrived !== checksum) throw new Error(`sent sha256:${checksum}, Artifactory has sha256:${arrived}`);
const described = { repository: REPOSITORY, path: archivePath(), sha256: checksum };
writeFileSync("package.described.json", `${JSON.stringify(described, null, 2)}\n`);
console.log(`${REPOSITORY}/${archivePath()} sha256:${checksum}`);
