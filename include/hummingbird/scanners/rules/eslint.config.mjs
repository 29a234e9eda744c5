// ESLint with the rules of eslint.json and nothing else: neither the repository's settings nor its comments count.
import { readFileSync, readdirSync, realpathSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import process from "node:process";

// `globals` lies beside ESLint itself, wherever that is installed.
const globals = createRequire(realpathSync(process.argv[1]))("globals");
const { rules } = JSON.parse(readFileSync(new URL("eslint.json", import.meta.url), "utf8"));
const settings = {
  linterOptions: { noInlineConfig: true, reportUnusedDisableDirectives: "off" },
  rules: Object.fromEntries(Object.entries(rules).map(([name, { options = [] }]) => [name, ["error", ...options]])),
};
const known = { ...globals.node, ...globals.browser, ...globals.serviceworker, ...globals.mocha, ...globals.jest };
const language = (sourceType) => ({
  ecmaVersion: "latest",
  sourceType,
  globals: sourceType === "commonjs" ? { ...globals.commonjs, ...known } : known,
  parserOptions: { ecmaFeatures: { jsx: true } },
});

// A .js file is a module when it imports or exports; its package.json is not here to say so.
const MODULE = /^\s*(import[\s{*"']|export[\s{*])/m;
const modules = readdirSync(process.cwd(), { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile() && /\.jsx?$/.test(entry.name))
  .map((entry) => join(entry.parentPath, entry.name))
  .filter((file) => MODULE.test(readFileSync(file, "utf8")))
  .map((file) => file.slice(process.cwd().length + 1).replace(/[*?[\]{}()!+@\\]/g, "\\$&"));

export default [
  { files: ["**/*.{js,jsx,cjs}"], languageOptions: language("commonjs"), ...settings },
  { files: ["**/*.mjs", ...modules], languageOptions: language("module"), ...settings },
];
