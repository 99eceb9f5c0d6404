"""Do an environment and its mounted secrets give a program what its own settings ask for, and nothing that it does not know?

Nothing here knows Kubernetes: a compose service is asked the same way.
"""

from __future__ import annotations

import importlib
import os
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from unittest.mock import patch

from chassis.settings import PREFIX, SettingsError, load

FILE = "_FILE"
SFU = "sfu"
SFU_SCRIPT = Path(__file__).resolve().parents[2] / "deploy" / "images" / "sfu.sh"
READERS = {
    "services.registry": ("services.registry.settings:Settings.read",),
    "services.certification": ("services.certification.settings:Settings.read",),
    "services.conference": ("services.conference.settings:Settings.read",),
    "services.conference.recorder": (
        "services.conference.recorder:RecorderSettings.read",
        "services.conference.recorder:read_sfu",
    ),
    "services.media": ("services.media.settings:Settings.read",),
    "services.notify": ("services.notify.settings:Settings.read",),
    "gateway": ("gateway.settings:GatewaySettings.read",),
    "gateway.streams": ("gateway.settings:GatewaySettings.read",),
    "gateway.prepare": ("gateway.settings:GatewaySettings.read", "gateway.prepare:First.read"),
}
"""Which programs read which settings, by module (``python -m …``)."""


class _Recorder:
    """An ``Env`` that notes which names are asked for."""

    def __init__(self, env: Any, names: set[str]) -> None:
        self._env = env
        self._names = names

    def __getattr__(self, kind: str) -> Callable[..., Any]:
        method = getattr(self._env, kind)

        def ask(name: str, *arguments: Any, **options: Any) -> Any:
            self._names.add(name)
            return method(name, *arguments, **options)

        return ask


def plain(environment: Mapping[str, str], files: Mapping[str, str]) -> tuple[dict[str, str], list[str]]:
    """The settings with their values, and what is wrong there; ``TITULAR_X_FILE`` is looked up in ``files`` (path to content)."""
    values: dict[str, str] = {}
    faults = []
    for name, value in environment.items():
        if not name.startswith(PREFIX):
            continue
        if not name.endswith(FILE):
            values[name] = value
        elif name.removesuffix(FILE) in environment:
            faults.append(f"{name} is set beside {name.removesuffix(FILE)}")
        elif value not in files:
            faults.append(f"{name}: {value} is not mounted")
        else:
            values[name.removesuffix(FILE)] = files[value]
    return values, faults


def read_by(program: str, values: Mapping[str, str]) -> tuple[set[str], list[str]]:
    """The names (without prefix) that a program asks for, given these values; and what its settings say is wrong."""
    names: set[str] = set()
    faults = []
    if program == SFU:
        return _named_in_script(), []
    for reader in READERS[program]:
        read = _reader(reader)
        with patch.dict(os.environ, values, clear=True):
            try:
                load(lambda env, read=read: read(_Recorder(env, names)))  # type: ignore[misc]
            except SettingsError as error:
                faults.append(str(error))
    return names, faults


def faults(program: str, environment: Mapping[str, str], files: Mapping[str, str]) -> list[str]:
    """What is missing, wrong or unknown; empty where the program would start."""
    values, found = plain(environment, files)
    known, wrong = read_by(program, values)
    unknown = sorted(name for name in values if name.removeprefix(PREFIX) not in known)
    return [*found, *wrong, *(f"{name} is read by nothing in {program}" for name in unknown)]


def _reader(named: str) -> Callable[[Any], object]:
    module, _, path = named.partition(":")
    found: Any = importlib.import_module(module)
    for name in path.split("."):
        found = getattr(found, name)
    reader: Callable[[Any], object] = found
    return reader


def _named_in_script() -> set[str]:
    text = SFU_SCRIPT.read_text()
    return set(re.findall(r"\$\(secret ([A-Z_]+)\)", text)) | set(re.findall(r"\$\{TITULAR_([A-Z_]+):-", text))
