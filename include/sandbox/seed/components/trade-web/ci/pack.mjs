// Pack sources and configuration: the same commit gives the same bytes.
import { execFileSync } from "node:child_process";
import { mkdirSync } from "node:fs";

import { COMPONENT, archive, sha256, version } from "./release.mjs";

const CONTENTS = ["src", "config", "package.json", "VERSION", "README.md"];
mkdirSync("dist", { recursive: true });
const plain = ["--sort=name", "--mtime=@0", "--owner=0", "--group=0", "--numeric-owner", "--mode=a+rX,u+w,go-w"];
const place = `--transform=s,^,${COMPONENT}-${version()}/,`;
const options = ["--create", "--file", archive(), "--use-compress-program=gzip -n", ...plain, place];
execFileSync("tar", [...options, ...CONTENTS], { stdio: "inherit" });
console.log(`${archive()} sha256:${sha256(archive())}`);
