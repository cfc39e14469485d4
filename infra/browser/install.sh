#!/usr/bin/env bash
# Makes a browser ready for tests: playwright-core, as pinned beside this script, goes into .tools/browser, and a
# Chromium is looked for, installed with apt-get where there is none, and noted in .tools/browser/chromium. Does
# nothing for what has not changed since the last time.
#
# CHROMIUM may name another program to use, such as a Chrome of one's own.
set -euo pipefail

pins=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
target=$(cd "$pins/../.." && pwd)/.tools/browser

# The first version with PublicKeyCredential.parseCreationOptionsFromJSON, which passkey.mjs uses.
oldest=129

fail() {
  printf 'browser: %s\n' "$*" >&2
  exit 1
}

need_node() {
  command -v node >/dev/null || fail "node is missing; install Node.js 20 or newer (playwright-core runs on it)"
  command -v npm >/dev/null || fail "npm is missing; it comes with Node.js and fetches playwright-core"
  node -e 'process.exit(process.versions.node.split(".")[0] >= 20 ? 0 : 1)' ||
    fail "Node.js $(node --version) is too old; playwright-core needs 20 or newer"
}

install_playwright() {
  local stamp
  stamp=$(cat "$pins/install.sh" "$pins/package.json" "$pins/package-lock.json" | cksum)
  if [ "$(cat "$target/.stamp" 2>/dev/null)" = "$stamp" ]; then
    return
  fi
  printf 'browser: installing playwright-core\n'
  rm -rf "$target/node_modules" "$target/.stamp"
  cp "$pins/package.json" "$pins/package-lock.json" "$pins/.npmrc" "$target"
  # Without its scripts, so that nothing is fetched but the package itself.
  (cd "$target" && npm ci --ignore-scripts --loglevel=error >/dev/null)
  printf '%s\n' "$stamp" >"$target/.stamp"
}

find_chromium() {
  local name
  if [ -n "${CHROMIUM:-}" ]; then
    command -v "$CHROMIUM" || fail "CHROMIUM is set to $CHROMIUM, which is no program"
    return
  fi
  for name in /usr/bin/chromium chromium google-chrome; do
    if command -v "$name"; then
      return
    fi
  done
}

# as_root runs a command as root, or fails if that cannot be done without asking for a password.
as_root() {
  if [ "$(id -u)" = 0 ]; then
    "$@"
  else
    sudo -n "$@"
  fi
}

# The sandbox is for those who are not root; the font, because without one pages have no letters in a screenshot.
install_chromium() {
  local how="install Chromium $oldest or newer, or Chrome; on Debian: apt-get install chromium; or set CHROMIUM to one"
  command -v apt-get >/dev/null || fail "there is no Chromium and no apt-get here; $how"
  as_root true 2>/dev/null || fail "there is no Chromium, and only root can install one; $how"
  printf 'browser: installing Chromium\n'
  as_root apt-get -qq -o DPkg::Lock::Timeout=300 update >&2 || fail "apt-get update failed; $how"
  as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq -o DPkg::Lock::Timeout=300 install -y --no-install-recommends \
    chromium chromium-sandbox fonts-dejavu-core >"$target/apt.log" 2>&1 ||
    fail "apt-get could not install Chromium, as $target/apt.log says; $how"
}

# note_chromium writes down which Chromium is used and which version it has, once it is seen to start.
note_chromium() {
  local program=$1 version
  if [ "$(cat "$target/chromium" 2>/dev/null)" = "$program" ] && [ "$target/chromium" -nt "$program" ]; then
    return
  fi
  version=$("$program" --version 2>/dev/null) || fail "$program does not start"
  [[ $version =~ ([0-9]+)\.[0-9]+ && ${BASH_REMATCH[1]} -ge $oldest ]] ||
    fail "Chromium $oldest or newer is needed; $program says: ${version%%$'\n'*}"
  printf '%s\n' "$program" >"$target/chromium"
}

need_node
mkdir -p "$target"
exec 9>"$target/.lock"
if command -v flock >/dev/null; then
  flock 9 # a second run at the same time waits for the first
fi
install_playwright
chromium=$(find_chromium)
if [ -z "$chromium" ]; then
  install_chromium
  chromium=$(find_chromium)
  [ -n "$chromium" ] || fail "Chromium was installed and is still not to be found"
fi
note_chromium "$chromium"
