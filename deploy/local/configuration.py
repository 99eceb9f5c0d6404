"""Ports, secrets and folders of the local stack, kept in ``var/stack.json`` so that a restart finds its data again."""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from deploy.local.process import ROOT, bindable, free_ports

PREFERRED = {"gateway": 8080, "streams": 8081, "inbox": 8025}
SINGLE_PORTS = (
    *("gateway", "streams", "inbox", "smtp", "rabbitmq", "distribution", "documents", "sfu_http", "sfu_websocket"),
    *("registry", "certification", "conference", "media", "notify"),
)
OBJECT_PORTS = 14
SECRETS = (
    "secret",
    "certification",
    "object_secret",
    "object_signing",
    "sfu_api",
    "sfu_token",
    "sfu_admin",
    "authority",
    "sample_password",
)


@dataclass(frozen=True, slots=True)
class Configuration:
    """Everything about one local stack that is not the same everywhere."""

    data: Path
    ports: Mapping[str, int]
    secrets: Mapping[str, str]
    broker_node: str
    """The broker's name for itself. Its queues belong to that name: it stays, whichever port is taken."""

    @property
    def public_url(self) -> str:
        """Where people's browsers find the product. ``localhost`` is a secure context without TLS (W3C Secure Contexts)."""
        return f"http://localhost:{self.ports['gateway']}"

    @property
    def streams_url(self) -> str:
        """Where pages listen for changes."""
        return f"http://localhost:{self.ports['streams']}"

    @property
    def inbox_url(self) -> str:
        """Where e-mail and SMS can be read."""
        return f"http://localhost:{self.ports['inbox']}"

    @property
    def signalling_url(self) -> str:
        """Where browsers reach the SFU."""
        return f"ws://localhost:{self.ports['sfu_websocket']}"

    @property
    def broker_url(self) -> str:
        """Where services reach the broker."""
        return f"amqp://guest:guest@127.0.0.1:{self.ports['rabbitmq']}/"

    @property
    def recordings(self) -> Path:
        """The folder that SFU, conference and media share."""
        return self.data / "recordings"

    def log(self, name: str) -> Path:
        """A program's log."""
        return self.data / "log" / f"{name}.log"


def default_data() -> Path:
    """``TITULAR_DATA`` or ``var/`` in the checkout."""
    return Path(os.environ.get("TITULAR_DATA", ROOT / "var")).absolute()


def load(data: Path) -> Configuration:
    """The configuration of a data folder; made at first use. Ports that others have taken meanwhile are replaced."""
    path = data / "stack.json"
    kept = json.loads(path.read_text()) if path.exists() else {}
    # The well-known ports are for the one stack of the checkout; others take what is free.
    preferred = PREFERRED if data == default_data() else {}
    ports = _ports({**preferred, **kept.get("ports", {})})
    keys = {
        name: kept.get("secrets", {}).get(name) or secrets.token_hex(24 if name != "sample_password" else 6) for name in SECRETS
    }
    configuration = Configuration(data, ports, keys, _broker_node(kept, ports))
    save(configuration)
    return configuration


def read(data: Path) -> Configuration:
    """The configuration of a stack that has been started before; :class:`FileNotFoundError` where there is none."""
    kept = json.loads((data / "stack.json").read_text())
    return Configuration(data, kept["ports"], kept["secrets"], _broker_node(kept, kept["ports"]))


def save(configuration: Configuration) -> None:
    """Write it so that only its owner can read the secrets."""
    configuration.data.mkdir(parents=True, exist_ok=True)
    path = configuration.data / "stack.json"
    fresh = path.with_suffix(".new")
    fresh.touch(mode=0o600)
    fresh.write_text(json.dumps({**asdict(configuration), "data": str(configuration.data)}, indent=2))
    fresh.replace(path)


def _broker_node(kept: Mapping[str, Any], ports: Mapping[str, int]) -> str:
    """The name kept, or the one by which the first start named it: after its port."""
    return str(kept.get("broker_node") or f"titular-{kept.get('ports', ports)['rabbitmq']}")


def _ports(kept: Mapping[str, int]) -> dict[str, int]:
    ports: dict[str, int] = {}
    for name in SINGLE_PORTS:
        wanted = int(os.environ.get(f"TITULAR_PORT_{name.upper()}", kept.get(name, 0)))
        ports[name] = wanted if wanted and bindable(wanted) and wanted not in ports.values() else free_ports(1)[0]
    first = kept.get("objects")
    if not first or not all(bindable(port) for port in range(first, first + OBJECT_PORTS)):
        first = free_ports(OBJECT_PORTS, consecutive=True)[0]
    ports["objects"] = first
    return ports
