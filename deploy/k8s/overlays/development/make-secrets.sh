#!/bin/sh
# Makes what is missing in secrets/ (ignored by git) for the development overlay. What is there is kept.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
checkout=${TITULAR_CHECKOUT:-$(cd "$here/../../../.." && pwd)}
python=${PYTHON:-$checkout/.venv/bin/python}
umask 077
mkdir -p "$here/secrets"
cd "$here/secrets"

# put FILE VALUE: unless it is there.
put() {
  [ -e "$1" ] || { mkdir -p "$(dirname "$1")" && printf '%s' "$2" >"$1"; }
}
random() { od -An -N24 -tx1 /dev/urandom | tr -d ' \n'; }

for part in registry certification conference gateway turn; do put "$part/secret" "$(random)"; done
for name in api_secret token_secret admin_key; do put "sfu/$name" "$(random)"; done
for part in registry certification conference media notify gateway backup; do put "documents-passwords/$part" "$(random)"; done
put certification/authority_password "$(random)"
put notify/smtp_password ''
put notify/sms_address 'mailto://inbox:1025?from=sms@titular.localhost&to={number}@sms.localhost'
put objects-access/secret_key "$(random)"
put objects-configuration/s3.json "{\"identities\": [{\"name\": \"titular\", \"credentials\": [{\"accessKey\": \"titular\", \"secretKey\": \"$(cat objects-access/secret_key)\"}], \"actions\": [\"Admin\", \"Read\", \"Write\", \"List\", \"Tagging\"]}]}"
key=$(random)
put objects-configuration/security.toml "$(for part in signing signing.read filer_signing filer_signing.read; do printf '[jwt.%s]\nkey = "%s"\n' "$part" "$key"; done)"
if [ ! -e authority/issuing.key ]; then
  (cd "$checkout" && TITULAR_AUTHORITY_FOLDER="$here/secrets/authority" TITULAR_AUTHORITY_PASSWORD="$(cat "$here/secrets/certification/authority_password")" \
    TITULAR_PUBLIC_URL=${TITULAR_PUBLIC_URL:-https://titular.localhost} "$python" -m services.certification.authority.create)
fi
