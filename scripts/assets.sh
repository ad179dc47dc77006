#!/usr/bin/env bash
# Copies what the pages load from node_modules to api/static/vendor: htmx and the pieces of the Chinese font.
# The folder is not in git (it can be made at any time) but goes into the wheel.
set -euo pipefail
cd "$(dirname "$0")/.."
target=api/static/vendor
font=node_modules/@fontsource-variable/noto-sans-sc
rm -rf "$target.new" && mkdir -p "$target.new/noto-sans-sc/files"
cp node_modules/htmx.org/dist/htmx.min.js "$target.new/"
cp node_modules/htmx.org/LICENSE "$target.new/htmx.LICENSE"
cp "$font/index.css" "$font/LICENSE" "$target.new/noto-sans-sc/"
cp "$font"/files/*-wght-normal.woff2 "$target.new/noto-sans-sc/files/"
rm -rf "$target" && mv "$target.new" "$target"
