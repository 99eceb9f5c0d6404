"""Who may act on, and look at, which office's emissions; and how a holder's token finds its emission."""

from __future__ import annotations

from contracts.actor import Actor
from contracts.errors import Forbidden
from services.certification.application.ports import Ports
from services.certification.application.projection import follow
from services.certification.application.streams import load
from services.certification.model.state import EmissionState

OFFICE_ROLES = frozenset({"clerk", "administrator"})


def require_office(actor: Actor) -> str:
    """The office that a clerk acts for; raises :class:`Forbidden` where there is none."""
    if not actor.office_id:
        raise Forbidden("the actor acts for no office", reason="office")
    return actor.office_id


def require_own(state: EmissionState, actor: Actor) -> EmissionState:
    """The emission, where the actor may have to do with it."""
    if actor.role in OFFICE_ROLES and actor.office_id != state.office_id:
        raise Forbidden("another office's emission", reason="office")
    return state


def require_own_or_authority(state: EmissionState, actor: Actor) -> EmissionState:
    """The emission, where the actor may revoke its certificate: the authority's administrator may, whichever office's it is."""
    if actor.role == "authority_administrator":
        return state
    return require_own(state, actor)


def find_by_key(ports: Ports, key: str) -> EmissionState | None:
    """The emission of a link, session or message. A view that lags is brought up to date before the answer is no."""
    emission_id = ports.views.emission_by_key(key)
    if emission_id is None and follow(ports):
        emission_id = ports.views.emission_by_key(key)
    return load(ports, emission_id) if emission_id else None
