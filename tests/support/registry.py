"""A small stand-in for the registry: a real Nameko service that answers ``get_registration`` from a file of registrations."""

from __future__ import annotations

import contextlib
import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from contracts import registry
from contracts.errors import NotFound
from deploy.local.process import Program, answers_http, free_ports
from tests.support.engines import running

FILE_VARIABLE = "TITULAR_STANDIN_REGISTRATIONS"
NOW = "2026-11-22T12:00:00+00:00"


def registration(registration_id: str = "r-1", office_id: str = "123456", **changes: Any) -> dict[str, Any]:
    """A complete registration, JSON-ready; ``changes`` go to ``data`` or, by the name of a reply's field, beside it."""
    reply: dict[str, Any] = {
        "person_id": f"p-{registration_id}",
        "registration_id": registration_id,
        "cpf": "52998224725",
        "office_id": office_id,
        "office_name": "1º Tabelionato de Notas de Santos",
        "version": 1,
        "current_version": 1,
        "sha256": "ab" * 32,
        "attachments": [],
        "block": None,
        "missing_for_remote": [],
        "registered_at": NOW,
        "updated_at": NOW,
        "data": {
            "name": "Maria da Conceição Souza",
            "birth_date": "1985-03-07",
            "email": "maria@example.com",
            "mobile": "11987654321",
            "identity_document": {"type": "rg", "number": "12.345.678-9", "issuer": "SSP", "state": "SP"},
        },
    }
    beside = {name: value for name, value in changes.items() if name in reply}
    reply["data"] |= {name: value for name, value in changes.items() if name not in reply}
    return reply | beside


class Registrations:
    """The file: what a test changes in it, the service answers at once."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._known: dict[str, dict[str, Any]] = {}
        self._write()

    def put(self, *registrations: dict[str, Any]) -> None:
        """Add or replace registrations."""
        self._known |= {one["registration_id"]: one for one in registrations}
        self._write()

    def _write(self) -> None:
        fresh = self.path.with_suffix(".new")
        fresh.write_text(json.dumps(self._known))
        fresh.rename(self.path)


@contextlib.contextmanager
def running_registry(broker_url: str, folder: Path) -> Iterator[Registrations]:
    """The stand-in as a process; ready when the block begins."""
    registrations = Registrations(folder / "registrations.json")
    (port,) = free_ports(1)
    program = Program(
        "registry-stand-in",
        (sys.executable, "-m", "tests.support.registry"),
        lambda: answers_http(f"http://127.0.0.1:{port}/health/ready"),
        {"TITULAR_BROKER_URL": broker_url, "TITULAR_HEALTH_PORT": str(port), FILE_VARIABLE: str(registrations.path)},
    )
    with running(program, folder):
        yield registrations


def main() -> None:
    """Run the service."""
    from chassis.rpc import answers
    from chassis.runner import run
    from chassis.settings import ProcessSettings, load_or_exit

    class RegistryService:
        name = "registry"

        @answers(registry.GET_REGISTRATION)
        def get_registration(self, _call: Any, data: dict[str, Any]) -> dict[str, Any]:
            known = json.loads(Path(os.environ[FILE_VARIABLE]).read_text())
            found = known.get(data["registration_id"])
            if found is None:
                raise NotFound("no such registration", field="registration_id")
            return registry.GET_REGISTRATION.reply().load(found)

    run(RegistryService, load_or_exit(ProcessSettings.read), {})


if __name__ == "__main__":
    from chassis import green  # noqa: F401 - patches before anything blocks

    main()
