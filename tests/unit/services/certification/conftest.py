"""The application in the test's own process, with a real authority."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from services.certification.authority import files
from services.certification.authority.authority import FileAuthority
from services.certification.authority.certificates import Addresses
from services.certification.authority.custody import FileCustody
from tests.support.certification import START, InProcess, in_process

PASSWORD = "a test's long password"
ADDRESSES = Addresses("https://titular.example")


@pytest.fixture(scope="session")
def authority_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An authority's folder."""
    folder = tmp_path_factory.mktemp("pki") / "authority"
    files.create(folder, FileCustody(PASSWORD), ADDRESSES, START)
    return folder


@pytest.fixture
def authority(authority_folder: Path) -> FileAuthority:
    """The authority in it."""
    return FileAuthority.open(authority_folder, FileCustody(PASSWORD), ADDRESSES, START)


@pytest.fixture
def inside(tmp_path: Path, authority: FileAuthority) -> Iterator[InProcess]:
    """The application."""
    made = in_process(tmp_path, authority)
    yield made
    made.events.close()
