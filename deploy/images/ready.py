"""``ready.py [PORT]``: ends with 0 if the part in this container says that it is ready (health checks)."""

from __future__ import annotations

import os
import sys
import urllib.error
import urllib.request

PORT = sys.argv[1] if len(sys.argv) > 1 else os.environ["TITULAR_HEALTH_PORT"]

try:
    with urllib.request.urlopen(f"http://127.0.0.1:{int(PORT)}/health/ready", timeout=4) as answer:
        sys.stdout.write(answer.read(2000).decode())
except urllib.error.HTTPError as error:
    sys.stdout.write(error.read(2000).decode())
    raise SystemExit(1) from error
except OSError as error:
    raise SystemExit(f"no answer: {error}") from error
