"""Every use of the keys of a running service is recorded: at its start, while it works, and when it is told to stop."""

from __future__ import annotations

import base64
import socket
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509

from chassis.event_store import EventStore
from contracts import certification
from contracts.actor import Actor
from tests.integration.certification.conftest import AUDITOR, World, certification_environment
from tests.integration.certification.test_emission import status_request
from tests.support import services
from tests.support.certification import HOLDER
from tests.support.engines import Broker, Documents, Objects
from tests.support.registry import running_registry
from tests.support.waiting import until

pytestmark = pytest.mark.integration
ADMINISTRATOR = Actor("ada", "authority_administrator", "Ada Moraes", address="127.0.0.1")


def test_a_services_uses_of_keys_are_recorded_also_those_before_its_end(
    broker: Broker, document_engine: Documents, object_engine: Objects, tmp_path: Path
) -> None:
    env = certification_environment(broker, document_engine, object_engine, tmp_path)
    with running_registry(broker.url, tmp_path) as registrations, services.caller(broker) as ask:
        world = World(broker, ask, registrations, env, tmp_path)
        with services.service("certification", env, tmp_path):
            # given a service that issues a certificate, signs a list and answers about it
            invited = world.invited(mode="in_person")
            world.holder(invited).complete()
            emission_id = invited["emission_id"]
            serial = world.emission(emission_id)["certificate"]["serial"]
            content = base64.b64decode(ask(certification.GET_REVOCATION_LIST, {}, actor=HOLDER)["crl"])

            # then the auditor sees each use
            used = until(lambda: _complete(world), what="every use shown")
            assert {use["data"]["host"] for use in used["KeyOpened"]} == {socket.gethostname()}
            assert {use["key"] for use in used["KeyOpened"]} == {"issuing", "ocsp", "timestamping"}
            assert [use["data"]["serial"] for use in used["HolderCertificateSigned"]] == [serial]
            assert {use["data"]["emission_id"] for use in used["TimeStampSigned"]} == {emission_id}
            number = x509.load_der_x509_crl(content).extensions.get_extension_for_class(x509.CRLNumber).value.crl_number
            assert number in [use["data"]["number"] for use in used["RevocationListSigned"]]

            # and the authority's administrator finds the certificate and revokes it, which the history keeps
            found = ask(certification.FIND_CERTIFICATE, {"wanted": f"0x{serial.upper()}"}, actor=ADMINISTRATOR)
            assert found["emission_id"] == emission_id
            wanted = {"emission_id": emission_id, "reason": "privilege_withdrawn"}
            assert ask(certification.REVOKE_CERTIFICATE, wanted, actor=ADMINISTRATOR)["state"] == "revoked"
            assert world.history(emission_id)["entries"][-1]["actor"]["user_id"] == "ada"
            for _ in range(3):
                ask(certification.ANSWER_OCSP, {"request": status_request(world, int(serial, 16))}, actor=HOLDER)

        # when the service has stopped, then the answers of its last minute are recorded, too
        events = EventStore(env["TITULAR_EVENT_STORE_URL"], "certification")
        try:
            counted = _answers(events)
        finally:
            events.close()
        assert counted == 5  # two of them for what the long-term form of the term keeps


def _complete(world: World) -> dict[str, list[dict[str, Any]]] | None:
    """The uses by kind, once all that must be there are shown: the term is stamped, and stamped again for the long term."""
    found: dict[str, list[dict[str, Any]]] = {}
    for use in world.ask(certification.LIST_KEY_USES, {"limit": 500}, actor=AUDITOR)["uses"]:
        found.setdefault(use["type"], []).append(use)
    stamped = len(found.get("TimeStampSigned", ())) == 2
    return found if stamped and "RevocationListSigned" in found else None


def _answers(events: EventStore) -> int:
    stored = [event.record for _, event in events.notifications(0, 1000)]
    return sum(record.data["count"] for record in stored if record.type == "OcspAnswersSigned")
