#!/usr/bin/env bash
# The suites in the order in which they run, each with a closing line of seconds; called by the Makefile.
#   scripts/suites.sh test | laws SEED | night SEED | lint | types
set -euo pipefail
cd "$(dirname "$0")/.."
export SOLCX_BINARY_PATH=$PWD/.solcx PYTHONDONTWRITEBYTECODE=1
py=.venv/bin/python
summary=() ; failed=0

# suite NAME COMMAND…: runs it, says how long it took, goes on to the next one even when it fails.
suite() {
  local name=$1 began=$SECONDS code=0; shift
  echo "== $name"
  "$@" || code=$?
  local line; line=$(printf '%-10s %s in %d s' "$name" "$([ $code -eq 0 ] && echo passed || echo "FAILED ($code)")" $((SECONDS - began)))
  echo "== $line"; summary+=("$line")
  [ $code -eq 0 ] || failed=1
}

close() {
  echo; echo "Suites, $SECONDS s in all:"; printf '  %s\n' "${summary[@]}"
  exit $failed
}

existing() { for f in "$@"; do [ ! -e "$f" ] || printf '%s\n' "$f"; done; }

lint() { .venv/bin/ruff check . && .venv/bin/lint-imports --no-logo; }

types() {
  local packages; mapfile -t packages < <(existing registry oracles api benchmarks scripts/compile.py)
  .venv/bin/mypy "${packages[@]}"
}

tests() { # folders of tests/ that exist; none of them is an error, since a suite that is named must be there
  local folders; mapfile -t folders < <(existing "${@/#/tests/}")
  [ ${#folders[@]} -gt 0 ] || { echo "none of these suites is there: $*" >&2; return 1; }
  "$py" -m pytest "${folders[@]}"
}

gas() { "$py" -m benchmarks.gas; }

machines() { # both state machines with one seed; SEED tells it to what draws numbers itself
  local seed=$1
  export SEED=$seed
  suite "domain/$seed" "$py" -m pytest tests/domain -k "laws or machine" --hypothesis-seed="$seed"
  suite "chain/$seed" brownie -k "laws or machine" --hypothesis-seed="$seed"
}

brownie() { bash scripts/brownie.sh test tests/contracts "$@"; }

case ${1:-} in
  lint) suite lint lint; close ;;
  types) suite types types; close ;;
  test)
    suite lint lint
    suite types types
    suite domain tests domain house
    suite python tests interchange statements chain store outbox directory documents mirror audit acts oracles scripts cli demo api
    suite web tests web
    suite gas gas
    suite contracts brownie
    close ;;
  laws)
    seed=${2:?laws needs a seed}
    echo "state machines with seed $seed"
    machines "$seed"
    echo "seed was $seed"
    close ;;
  night)
    seed=${2:?night needs a seed}
    export NIGHT=1
    machines "$seed"
    suite night "$py" -m pytest -m night tests
    { echo "# The long runs"; echo
      echo "\`make night SEED=$seed\` on $(git log -1 --format='%h of %cs'), $(nproc) cores: ten times the steps of the checks, more places to die."; echo
      echo "| suite | result |"; echo "|---|---|"; printf '%s\n' "${summary[@]}" | sed -E 's/^([^ ]+) +(.*)$/| \1 | \2 |/'; } > benchmarks/results/night.md
    close ;;
  *) sed -n '2,4p' "$0"; exit 2 ;;
esac
