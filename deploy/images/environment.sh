#!/bin/sh
# environment.sh PART: make /opt/titular with the part's locked packages and nothing to install further ones with, and its
# bill of materials (CycloneDX).
set -eu
python -m venv --without-pip /opt/titular
/installer/bin/uv pip sync --python /opt/titular/bin/python --require-hashes "$1.txt"
/materials/bin/cyclonedx-py environment --output-format JSON --output-file /opt/titular/materials.json /opt/titular/bin/python
