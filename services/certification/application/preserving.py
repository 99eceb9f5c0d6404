"""Gives signed terms their long-term form. Found by the read model, decided on the history, each stage repeatable."""

from __future__ import annotations

from chassis.logs import get_logger
from contracts.errors import TitularError
from services.certification.application.documents import (
    keep_preserved,
    read_certificate,
    read_signed,
    sha256_of_bytes,
)
from services.certification.application.history import change, of_timer
from services.certification.application.journal import record_stamps
from services.certification.application.ports import Ports
from services.certification.application.streams import load
from services.certification.model.preservation import LongTerm, decide_preserve, next_number
from services.certification.model.state import EmissionState

logger = get_logger(__name__)
BATCH = 100


def preserve_terms(ports: Ports) -> int:
    """Preserve the terms that are due; returns how many were. One that fails waits for the next run."""
    made = 0
    for emission_id in ports.views.to_preserve(ports.clock(), BATCH):
        try:
            state = load(ports, emission_id)
            made += state is not None and _preserve(ports, state)
        except TitularError as error:
            logger.warning("a term waits for its long-term form", emission_id=emission_id, code=error.code, reason=error.reason)
    return made


def _preserve(ports: Ports, state: EmissionState) -> bool:
    now = ports.clock()
    number, term, certificate = next_number(state, now), state.term, state.certificate
    if number is None or term is None or certificate is None:
        return False
    signed_with = read_certificate(ports, state.emission_id, certificate)
    material = ports.authority.validation_material(signed_with, ports.views.certificate_status, now)
    ports.answers.count(now, len(material.ocsps))
    longer = record_stamps(ports, state.emission_id, ports.terms.preserve(read_signed(ports, state), number, material))
    document = keep_preserved(ports, state.emission_id, term.document_sha256, number, longer)
    stamp = ports.terms.last_stamp(document)
    made = LongTerm(number, sha256_of_bytes(document), len(document), stamp.stamped_at, stamp.renew_at)
    outcome = change(
        ports,
        state.emission_id,
        of_timer(),
        lambda latest: decide_preserve(latest or state, term.document_sha256, made, now),
    )
    return bool(outcome.events)
