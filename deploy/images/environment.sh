#!/bin/sh
# environment.sh PART: make /opt/titular with the part's locked packages and nothing to install further ones with, and its
# bill of materials (CycloneDX).
set -eu
python3 -m venv --without-pip /opt/titular
/installer/bin/uv pip sync --python /opt/titular/bin/python --require-hashes "$1.txt"
/materials/bin/cyclonedx-py environment --output-format JSON --output-file /opt/titular/materials.json /opt/titular/bin/python
# Packages' own tests, stubs and sources are of no use where nothing is developed.
find /opt/titular/lib \( -name '*.pyi' -o -name '*.pxd' -o -name '*.pyx' -o -name '*.h' -o -name '*.c' \) -delete
find /opt/titular/lib -type d \( -name tests -o -name SelfTest \) -prune -exec rm -rf {} +
# Nor are symbols for a debugger; libraries that a wheel brought along and rewrote are left alone.
find /opt/titular/lib -name '*.so' -not -path '*.libs/*' -exec strip --strip-unneeded {} + 2>/dev/null
