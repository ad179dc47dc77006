#!/usr/bin/env bash
# Makes everything that is not in git: the two Python environments, the npm side, the compiler stand-in, the pages' assets, Chromium.
#   scripts/setup.sh run     what running the registry needs (enough for the demo)
#   scripts/setup.sh all     also what the tests need: Brownie's environment and Chromium
# Each step leaves a stamp with a digest of what it was made from, so a second run does only what changed.
set -euo pipefail
cd "$(dirname "$0")/.."
root=$PWD
wanted=${1:-all}
stamps=.stamps
export UV_PYTHON_DOWNLOADS=never UV_NO_PROGRESS=1 PIP_DISABLE_PIP_VERSION_CHECK=1
uv_version=0.13.9

case $wanted in
  run) steps=(uv python npm compiler assets) ;;
  all) steps=(uv python npm compiler assets brownie chromium) ;;
  *) echo "setup: the argument is '$wanted', it must be 'run' or 'all'" >&2; exit 2 ;;
esac

# --- what must be on the machine before anything can begin ---------------------------------------------------------------
missing=() ; hints=()
need() { command -v "$1" >/dev/null 2>&1 || { missing+=("$1"); hints+=("$2"); }; }
need git git
need make make
if ! command -v python3 >/dev/null 2>&1; then
  missing+=("python3"); hints+=(python3 python3-venv)
else
  python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { missing+=("Python 3.11 or newer (python3 is $(python3 -V 2>&1))"); hints+=(python3 python3-venv); }
  python3 -c 'import ensurepip, venv' 2>/dev/null || { missing+=("Python's venv module"); hints+=(python3-venv); }
fi
need node nodejs
need npm npm
if command -v node >/dev/null 2>&1; then
  node_major=$(node -p 'process.versions.node.split(".")[0]')
  [ "$node_major" -ge 20 ] || missing+=("Node 20 or newer (node is $(node -v); where apt offers an older one, take it from nodejs.org)")
fi
if [ ${#missing[@]} -gt 0 ]; then
  echo "setup: this machine lacks:" >&2
  printf '  - %s\n' "${missing[@]}" >&2
  [ ${#hints[@]} -eq 0 ] || echo "  on Debian: apt-get update && apt-get install -y $(printf '%s\n' "${hints[@]}" | sort -u | tr '\n' ' ')" >&2
  exit 69
fi
[ "$(uname -sm)" = "Linux x86_64" ] || { echo "setup: the pinned local chain is built for Linux on x86-64; this is $(uname -sm)" >&2; exit 69; }

mkdir -p "$stamps"
# Two set-ups at once (a demo in one terminal, tests in another) would build over each other.
if command -v flock >/dev/null 2>&1; then exec 9>"$stamps/lock"; flock -w 900 9 || { echo "setup: another set-up has held the lock for 15 minutes" >&2; exit 75; }; fi

# --- one function per step: what it depends on (files and words), then what it does --------------------------------------
digest() { { printf '%s\n' "$root" "$@"; for f in "$@"; do [ ! -f "$f" ] || cat "$f"; done; } | sha256sum | cut -d' ' -f1; }

title_uv="installer";                  inputs_uv=("$uv_version")
make_uv() {
  rm -rf .boot
  python3 -m venv .boot
  .boot/bin/pip install --quiet "uv==$uv_version"
}

environment() { # folder, lock file
  [ -x "$1/bin/python" ] && "$1/bin/python" -c '' 2>/dev/null || { rm -rf "$1"; .boot/bin/uv venv --quiet --python .boot/bin/python "$1"; }
  .boot/bin/uv pip sync --quiet --python "$1/bin/python" --require-hashes "$2"
}

title_python="Python packages";        inputs_python=(requirements/runtime.txt pyproject.toml)
make_python() {
  environment .venv requirements/runtime.txt
  .boot/bin/uv pip install --quiet --python .venv/bin/python --no-deps --no-build-isolation --offline --editable .
}

title_npm="npm packages";              inputs_npm=(package.json package-lock.json)
make_npm() { npm ci --ignore-scripts --silent; }

title_compiler="compiler stand-in";    inputs_compiler=(scripts/solc.sh scripts/solc.cjs)
make_compiler() {
  rm -rf .solcx && mkdir .solcx
  install -m 755 scripts/solc.sh .solcx/solc-v0.8.37
  .solcx/solc-v0.8.37 --version >/dev/null
}

title_assets="page assets";            inputs_assets=(package-lock.json scripts/assets.sh)
make_assets() { bash scripts/assets.sh; }

title_brownie="Brownie";               inputs_brownie=(requirements/brownie.txt)
make_brownie() {
  environment .venv-brownie requirements/brownie.txt
  # Brownie's wheel is compiled with mypyc, and that build breaks configured networks, coverage and state machines.
  # The Python sources lie beside the compiled modules and take over once those are gone.
  find .venv-brownie/lib/python3*/site-packages/brownie -name '*.so' -delete
}

title_chromium="Chromium";             inputs_chromium=(chromium libatomic1)
# Playwright brings a Node of its own, and that one needs libatomic.
has_browser() { command -v chromium >/dev/null 2>&1 && PATH=$PATH:/sbin:/usr/sbin ldconfig -p | grep -F libatomic.so.1 >/dev/null; }
make_chromium() {
  has_browser && return 0
  if [ "$(id -u)" -eq 0 ] && command -v apt-get >/dev/null 2>&1; then
    export DEBIAN_FRONTEND=noninteractive
    apt-get update -qq && apt-get install -y -qq --no-install-recommends chromium libatomic1
  else
    echo "setup: the page tests need Chromium; as root: apt-get update && apt-get install -y --no-install-recommends chromium libatomic1" >&2
    return 69
  fi
}

present() { # does what the step made still stand?
  case $1 in
    uv) [ -x .boot/bin/uv ] ;;
    python) [ -x .venv/bin/equity ] ;;
    npm) [ -x node_modules/@foundry-rs/anvil-linux-amd64/bin/anvil ] && [ -f node_modules/solc/soljson.js ] ;;
    compiler) [ -x .solcx/solc-v0.8.37 ] ;;
    assets) [ -f api/static/vendor/htmx.min.js ] ;;
    brownie) [ -x .venv-brownie/bin/brownie ] ;;
    chromium) has_browser ;;
  esac
}

total=${#steps[@]}; n=0
for step in "${steps[@]}"; do
  n=$((n + 1))
  title="title_$step"; inputs="inputs_$step[@]"
  now=$(digest "${!inputs}")
  if [ "$(cat "$stamps/$step" 2>/dev/null || true)" = "$now" ] && present "$step"; then continue; fi
  printf '[setup %d/%d] %s ... ' "$n" "$total" "${!title}"
  began=$SECONDS; log=$stamps/$step.log; code=0
  rm -f "$stamps/$step"
  # A sub-shell of its own: "set -e" is off inside a function called in a condition.
  set +e; ( set -e; "make_$step" ) >"$log" 2>&1 9>&-; code=$?; set -e
  if [ $code -ne 0 ]; then
    echo "failed after $((SECONDS - began)) s"
    echo "setup: step '${!title}' failed; its last lines:" >&2
    tail -n 15 "$log" | sed 's/^/  /' >&2
    exit $code
  fi
  present "$step" || { echo "failed"; echo "setup: step '${!title}' ended well but left nothing; see $log" >&2; exit 69; }
  printf '%s\n' "$now" >"$stamps/$step"
  echo "$((SECONDS - began)) s"
done
