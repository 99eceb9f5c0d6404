"""Each image installs what its code imports, and the locks agree with one another."""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from collections.abc import Iterator
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
MODULES = {
    "registry": ("services.registry.__main__",),
    "certification": (
        "services.certification.__main__",
        "services.certification.rebuild",
        "services.certification.authority.create",
        "services.certification.authority.ceremony",
        "services.certification.term.worker",
    ),
    "conference": ("services.conference.__main__", "services.conference.recorder"),
    "media": ("services.media.__main__", "services.media.render", "services.media.process", "services.media.verify"),
    "notify": ("services.notify.__main__",),
    "gateway": ("gateway.__main__", "gateway.streams.__main__", "gateway.accounts", "gateway.prepare"),
}
"""What runs in each image."""
OURS = ("contracts", "chassis", "services", "gateway")
PINNED = re.compile(r"^([A-Za-z0-9_.-]+)==(\S+)", re.MULTILINE)


def pins(lock: Path) -> dict[str, str]:
    """Versions by distribution."""
    return {name.lower().replace("_", "-"): version for name, version in PINNED.findall(lock.read_text())}


def imports_of(module: str) -> Iterator[str]:
    """The modules that a module of ours names, wherever it does."""
    path = ROOT / Path(*module.split("."))
    path = path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
    if not path.exists():
        return
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def needed(modules: tuple[str, ...]) -> set[str]:
    """Top-level modules of others that these modules need, through ours."""
    found: set[str] = set()
    seen: set[str] = set()
    waiting = list(modules)
    while waiting:
        module = waiting.pop()
        if module in seen:
            continue
        seen.add(module)
        for name in imports_of(module):
            top = name.partition(".")[0]
            if top in OURS:
                waiting.append(name)
                waiting.extend(".".join(name.split(".")[:length]) for length in range(1, name.count(".") + 1))
            elif top not in sys.stdlib_module_names:
                found.add(top)
    return found


@pytest.mark.parametrize("image", MODULES)
def test_an_image_installs_what_its_code_imports(image: str) -> None:
    distributions = packages_distributions()
    locked = pins(ROOT / "requirements" / "images" / f"{image}.txt")
    missing = {
        module
        for module in needed(MODULES[image])
        if not any(name.lower().replace("_", "-") in locked for name in distributions.get(module, []))
    }
    assert missing == set()


@pytest.mark.parametrize("image", MODULES)
def test_an_image_names_nothing_that_its_code_does_not_import(image: str) -> None:
    names = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["optional-dependencies"][image]
    provided = {re.split(r"[\[=<>~]", name)[0].lower() for name in names}
    distributions = packages_distributions()
    used = {name.lower().replace("_", "-") for module in needed(MODULES[image]) for name in distributions.get(module, [])}
    # Named by no import: the wire to PostgreSQL, and the time zones that a slim image lacks.
    assert provided - used <= {"psycopg", "tzdata"}


@pytest.mark.parametrize("image", MODULES)
def test_an_image_has_the_versions_that_are_tested(image: str) -> None:
    tested = pins(ROOT / "requirements" / "development.txt")
    locked = pins(ROOT / "requirements" / "images" / f"{image}.txt")
    assert {name: (version, tested.get(name)) for name, version in locked.items() if tested.get(name) != version} == {}


def test_the_images_together_install_what_the_checkout_does() -> None:
    together: set[str] = set()
    for image in MODULES:
        together |= pins(ROOT / "requirements" / "images" / f"{image}.txt").keys()
    # Only the command line has tables to show.
    assert pins(ROOT / "requirements" / "runtime.txt").keys() - together <= {"rich", "markdown-it-py", "mdurl", "pygments"}
