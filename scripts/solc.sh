#!/bin/sh
# The compiler as a program, made from its npm package. Set-up installs this file as .solcx/solc-v0.8.37, which is the form in
# which py-solc-x and Brownie look for it. The version is a constant because they ask for it often and Node takes half a second to start.
case " $* " in
  *" --version "*)
    printf '%s\n' 'solc, the solidity compiler commandline interface' 'Version: 0.8.37+commit.f401782d.Linux.g++'
    exit 0 ;;
esac
exec node "$(dirname "$0")/../scripts/solc.cjs" "$@"
