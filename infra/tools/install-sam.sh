#!/usr/bin/env bash
# Installs AWS's SAM CLI and cfn-lint, at the versions pinned in requirements.txt, into .tools/sam. Called by
# `make sam-cli`, which knows when that is needed.
set -euo pipefail

pins=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
target=$(cd "$pins/../.." && pwd)/.tools/sam

python3 -c 'import venv, ensurepip' 2>/dev/null || {
  echo "sam-cli: python3 cannot make virtual environments; on Debian and Ubuntu: apt-get install python3-venv" >&2
  exit 1
}
rm -rf "$target"
python3 -m venv "$target"
# Not compiled in advance: what is used is compiled at its first use, and most is never used.
"$target/bin/python" -m pip install --quiet --disable-pip-version-check --no-compile --no-deps -r "$pins/requirements.txt"
touch "$target/.stamp"
