#!/usr/bin/env bash
# Installs a tool in Python, at the versions pinned in the file given second, into the folder of .tools given first. Called by
# `make sam-cli` and `make checkov`, which know when that is needed.
set -euo pipefail

pins=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
target=$(cd "$pins/../.." && pwd)/.tools/$1

python3 -c 'import venv, ensurepip' 2>/dev/null || {
  echo "$1: python3 cannot make virtual environments; on Debian and Ubuntu: apt-get install python3-venv" >&2
  exit 1
}
rm -rf "$target"
python3 -m venv "$target"
# Not compiled in advance: what is used is compiled at its first use, and most is never used.
"$target/bin/python" -m pip install --quiet --disable-pip-version-check --no-compile --no-deps -r "$pins/$2"
touch "$target/.stamp"
