// What every step of the pipeline knows about the release it works on.
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import process from "node:process";

export const COMPONENT = "trade-web";
export const REPOSITORY = "trading-dev-local";

/** The version of this checkout. */
export const version = () => readFileSync("VERSION", "utf8").trim();

/** The commit that the pipeline runs for. */
export const commit = () => process.env.CI_COMMIT_SHA;

/** The package that the pipeline makes. */
export const archive = () => `dist/${COMPONENT}-${version()}.tar.gz`;

/** Where the package lies in its repository; the commit keeps two builds of a version apart. */
export const archivePath = () => `${COMPONENT}/${version()}/${commit()}/${COMPONENT}-${version()}.tar.gz`;

/** Hash of a file, hexadecimal. */
export const sha256 = (path) => createHash("sha256").update(readFileSync(path)).digest("hex");
