"""The gateway's own room pages, on a running conference service and a real SFU."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from werkzeug.serving import make_server

from contracts import certification, media
from contracts import conference as contract
from contracts.actor import Actor
from contracts.errors import Unavailable
from contracts.operation import Operation
from deploy.local.process import free_ports
from tests.support import gateway_samples as samples
from tests.support.rooms import CLERK, HOLDER, Office
from tests.support.sample_gateway import SampleGateway, build

FORWARDED = (
    contract.GET_CONFERENCE,
    contract.GET_JOIN_LINK,
    contract.GET_ROUTE,
    contract.REQUEST_ADMISSION,
    contract.ADMIT_PARTICIPANT,
    contract.REFUSE_ADMISSION,
    contract.EJECT_PARTICIPANT,
    contract.JOIN_CONFERENCE,
    contract.LEAVE_CONFERENCE,
    contract.START_CONFERENCE,
    contract.START_RECORDING,
    contract.TICK_CHECKLIST,
    contract.REQUEST_DOCUMENT_PICTURE,
    contract.WITHDRAW_DOCUMENT_PICTURE,
    contract.SEND_DOCUMENT_PICTURE,
    contract.ACCEPT_DOCUMENT_PICTURE,
    contract.END_CONFERENCE,
)


@dataclass(frozen=True, slots=True)
class RoomPages:
    """Addresses of one conference's pages."""

    url: str
    clerk_url: str
    holder_url: str
    gateway: SampleGateway


@contextlib.contextmanager
def room_pages(office: Office, conference: Mapping[str, Any], signalling_url: str) -> Iterator[RoomPages]:
    """Serve the pages; what they ask about the conference goes to the running service."""
    (port,) = free_ports(1)
    url = f"http://localhost:{port}"
    gateway = build(public_url=url, streams_url=f"{url}/streams", signalling_origin=signalling_url)
    gateway.reset_limits()
    for operation in FORWARDED:
        gateway.caller.answers[operation] = _forward(office, operation)
    emission = samples.emission("started", conference="open") | {
        "emission_id": conference["emission_id"],
        "conference_id": conference["conference_id"],
    }
    # Nobody processes videos here: the room must do without the evidence check's warnings.
    gateway.caller.answers[media.GET_VIDEOS] = Unavailable("no media service", service="media")
    gateway.caller.answers[certification.GET_EMISSION] = lambda _data, _actor: emission
    server = make_server("127.0.0.1", port, gateway.app, threaded=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    clerk_url = f"{url}/emissoes/{conference['emission_id']}/sala"
    try:
        yield RoomPages(url, clerk_url, f"{url}/videoconferencia/#{conference['join_token']}", gateway)
    finally:
        server.shutdown()


def _forward(office: Office, operation: Operation) -> Any:
    def forward(data: dict[str, Any], actor: Actor) -> dict[str, Any]:
        return office.ask(operation, data, actor=HOLDER if actor.role == "holder" else CLERK)

    return forward
