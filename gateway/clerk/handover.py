"""What the clerk hands over besides the message: the words that are told, and the link as a QR code."""

from __future__ import annotations

from typing import Any

from flask import render_template
from flask_babel import gettext as _

from contracts import certification as contract
from gateway.clerk import blueprint
from gateway.clerk.emission import get_emission
from gateway.links import qr_code
from gateway.security import access
from gateway.views import tell, wants_fragment


@blueprint.post("/emissoes/<emission_id>/codigo-qr")
@access.requires(*access.CLERKS)
def show_link(emission_id: str) -> Any:
    """The link that was sent, as a QR code for the person who is there; the history keeps that it was shown."""
    emission = get_emission(emission_id)
    link = tell(contract.SHOW_LINK, emission_id=emission_id)["link"]
    code = qr_code(link, _("Link of the certificate as a QR code")) if link else None
    template = "clerk/link_code.html" if wants_fragment() else "clerk/link_code_page.html"
    return render_template(template, emission=emission, code=code)
