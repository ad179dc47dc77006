#!/usr/bin/env bash
# Runs Brownie in its own environment: bash scripts/brownie.sh test tests/contracts …
# It gets a home of its own (it would keep networks and keystores in the user's), the pinned anvil, the pinned compiler and a free port.
# Everything is compiled anew where a source has changed: Brownie's own check misses edits to files that hold only types.
set -euo pipefail
cd "$(dirname "$0")/.."
root=$PWD
home=$(mktemp -d)
trap 'rm -rf "$home"' EXIT
port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
mkdir -p "$home/.brownie"
sed "s/port: 8545/port: $port/" .venv-brownie/lib/python3*/site-packages/brownie/data/network-config.yaml >"$home/.brownie/network-config.yaml"

export HOME=$home SOLCX_BINARY_PATH=$root/.solcx
export PATH=$root/node_modules/@foundry-rs/anvil-linux-amd64/bin:$root/.venv-brownie/bin:$PATH
export PYTHONPATH=$root${PYTHONPATH:+:$PYTHONPATH}

sources=$(find contracts -name '*.sol' -print0 | sort -z | xargs -0 cat brownie-config.yaml package-lock.json | sha256sum)
if [ "$(cat build/.sources 2>/dev/null || true)" != "$sources" ]; then
  mkdir -p build
  brownie compile --all >build/compile.log 2>&1 || { cat build/compile.log >&2; exit 1; }
  printf '%s\n' "$sources" >build/.sources
fi
[ "${1:-}" = compile ] || brownie "$@"
