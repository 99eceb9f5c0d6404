#!/bin/sh
# Writes Janus' configuration from the templates and the container's settings, then becomes Janus.
set -eu
configuration=/tmp/janus
library=$(dirname "$(dirname "$(find /usr/lib -path '*/janus/plugins/libjanus_videoroom.so' | head -n 1)")")

fail() { echo "$1" >&2; exit 2; }

# secret NAME: the value of TITULAR_NAME, or of the file that TITULAR_NAME_FILE names.
secret() {
  eval "value=\${TITULAR_$1:-} file=\${TITULAR_$1_FILE:-}"
  if [ -n "$file" ]; then
    [ -r "$file" ] || fail "TITULAR_$1_FILE: $file cannot be read"
    value=$(cat "$file")
  fi
  [ "${#value}" -ge 16 ] || fail "TITULAR_$1 (or TITULAR_$1_FILE): at least 16 characters are needed"
  # They go into Janus' own notation and through sed.
  case $value in *[!A-Za-z0-9_-]*) fail "TITULAR_$1: only letters, digits, - and _ are possible" ;; esac
  printf '%s' "$value"
}

# others FOLDER WANTED...: the modules of a folder but for those wanted, with commas between them.
others() {
  folder=$1; shift
  for path in "$library/$folder"/*.so; do
    name=$(basename "$path")
    for wanted in "$@"; do [ "$name" != "libjanus_$wanted.so" ] || continue 2; done
    printf '%s\n' "$name"
  done | paste -s -d ,
}

api_secret=$(secret SFU_API_SECRET)
token_secret=$(secret SFU_TOKEN_SECRET)
admin_key=$(secret SFU_ADMIN_KEY)
http_port=${TITULAR_SFU_HTTP_PORT:-8088}
websocket_port=${TITULAR_SFU_WEBSOCKET_PORT:-8188}
rtp_ports=${TITULAR_SFU_RTP_PORTS:-20000-20099}
# The address by which the outside is reached: internal networks have no way there. Nothing is sent.
own=$(ip -4 route get 10.255.255.255 2>/dev/null | sed -n 's/.* src \([0-9.]*\).*/\1/p')
[ -n "$own" ] || fail "the container has no network that leads outside"
case ${TITULAR_SFU_ADDRESS:-} in
  "") addresses="ice_enforce_list = \"$own\"" ;;
  *[!0-9.]*) fail "TITULAR_SFU_ADDRESS: an IPv4 address is needed, not $TITULAR_SFU_ADDRESS" ;;
  *) addresses="ice_enforce_list = \"$own\", nat_1_1_mapping = \"$TITULAR_SFU_ADDRESS\", keep_private_host = true" ;;
esac
unwanted_plugins=$(others plugins videoroom)
unwanted_transports=$(others transports http websockets)

umask 077
mkdir -p "$configuration"
for template in /usr/share/titular/sfu/*.jcfg; do
  sed -e "s|\${configuration}|$configuration|" -e "s|\${library}|$library|" -e "s|\${api_secret}|$api_secret|" \
    -e "s|\${token_secret}|$token_secret|" -e "s|\${admin_key}|$admin_key|" -e "s|\${rtp_ports}|$rtp_ports|" \
    -e "s|\${addresses}|$addresses|" -e "s|\${unwanted_plugins}|$unwanted_plugins|" \
    -e "s|\${unwanted_transports}|$unwanted_transports|" -e "s|\${listen}|0.0.0.0|" -e "s|\${http_port}|$http_port|" \
    -e "s|\${websocket_port}|$websocket_port|" "$template" >"$configuration/$(basename "$template")"
done
umask 027
exec janus -F "$configuration" -C "$configuration/janus.jcfg"
