#!/usr/bin/env bash
# Resolves every dependency anew and writes the lock files: exact versions and hashes, and no address of any registry,
# so that the files say the same wherever the packages are fetched from.
#   scripts/lock.sh             resolve, keeping locked versions that still fit
#   scripts/lock.sh --upgrade   take the newest of everything
set -euo pipefail
cd "$(dirname "$0")/.."
compile=(.boot/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate)
[ $# -eq 0 ] || compile+=("$@")

"${compile[@]}" --group pyproject.toml:test pyproject.toml -o requirements/runtime.txt
"${compile[@]}" --group pyproject.toml:brownie -o requirements/brownie.txt

# .npmrc keeps download addresses out; the "funding" notes of packages are addresses too, and nobody needs them to install.
npm install --package-lock-only --ignore-scripts --silent
node -e '
  const fs = require("node:fs");
  const lock = JSON.parse(fs.readFileSync("package-lock.json", "utf8"));
  for (const entry of Object.values(lock.packages)) { delete entry.funding; delete entry.resolved; }
  fs.writeFileSync("package-lock.json", JSON.stringify(lock, null, 2) + "\n");
'

if grep -n '://' requirements/*.txt package-lock.json; then
  echo "lock: the lines above hold addresses; they must not be committed" >&2
  exit 1
fi
