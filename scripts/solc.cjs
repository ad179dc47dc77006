// Compiles one standard-JSON input from stdin with the npm compiler and prints the output; called by .solcx/solc-v0.8.37.
// Knows nothing of the project: which files, which settings and what becomes of the output is decided by the caller.
"use strict";

const fs = require("node:fs");
const path = require("node:path");
const solc = require("solc");

const EXPECTED = "0.8.37+commit.f401782d";

if (!solc.version().startsWith(EXPECTED)) {
  process.stderr.write(`solc: node_modules holds ${solc.version()}, the stand-in answers for ${EXPECTED}\n`);
  process.exit(1);
}
if (!process.argv.includes("--standard-json")) {
  process.stderr.write("solc: only --version and --standard-json (from stdin) are served\n");
  process.exit(2);
}

// Sources that the input names but does not carry are read from disk, as the native compiler does.
function readImport(name) {
  const file = path.resolve(name);
  try {
    return { contents: fs.readFileSync(file, "utf8") };
  } catch (error) {
    return { error: `cannot read ${name}: ${error.code}` };
  }
}

process.stdout.write(solc.compile(fs.readFileSync(0, "utf8"), { import: readImport }));
