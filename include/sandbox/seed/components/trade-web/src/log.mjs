import process from "node:process";

/** One line to standard output, with the time. */
export function log(text) {
  process.stdout.write(`${new Date().toISOString()} ${text}\n`);
}
