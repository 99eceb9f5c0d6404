#!/usr/bin/env bash
# build.sh [PART...]: build the images, all or those named. TITULAR_IMAGE_PREFIX (titular), TITULAR_VERSION (0.1.0);
# BUILD_OPTIONS goes to each docker build, for example --build-arg PYTHON_IMAGE=… or --network host.
set -euo pipefail
cd "$(dirname "$0")/../.."
parts=("$@")
[ ${#parts[@]} -gt 0 ] || parts=(registry certification conference media notify gateway sfu)
prefix=${TITULAR_IMAGE_PREFIX:-titular}
version=${TITULAR_VERSION:-$(sed -n 's/^version = "\(.*\)"$/\1/p' pyproject.toml)}
revision=$(git rev-parse HEAD 2>/dev/null || echo unknown)
read -r -a options <<<"${BUILD_OPTIONS:-}"
for part in "${parts[@]}"; do
  docker build "${options[@]}" -f deploy/images/Dockerfile --target "$part" --build-arg "VERSION=$version" \
    --build-arg "REVISION=$revision" -t "$prefix/$part:$version" .
done
docker image ls --format '{{.Repository}}:{{.Tag}}  {{.Size}}' | grep "^$prefix/.*:$version "
