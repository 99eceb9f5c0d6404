"""The overlays, rendered once."""

from __future__ import annotations

import copy
from pathlib import Path

import pytest

from tests.support import manifests
from tests.support.manifests import Manifests


@pytest.fixture(scope="session")
def rendered(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Each overlay's file."""
    folder = tmp_path_factory.mktemp("rendered")
    return {overlay: manifests.render(overlay, folder) for overlay in ("production", "development")}


@pytest.fixture(scope="session")
def parsed(rendered: dict[str, Path]) -> dict[str, Manifests]:
    """Each overlay's documents, not to be changed."""
    return {overlay: manifests.read(path) for overlay, path in rendered.items()}


@pytest.fixture
def production(parsed: dict[str, Manifests]) -> Manifests:
    """A copy for each test, which may change it."""
    return Manifests(copy.deepcopy(parsed["production"].documents))


@pytest.fixture
def development(parsed: dict[str, Manifests]) -> Manifests:
    """A copy for each test, which may change it."""
    return Manifests(copy.deepcopy(parsed["development"].documents))
