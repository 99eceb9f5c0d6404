"""Public manuals: for the holder, and for the clerk."""

from __future__ import annotations

from flask import Blueprint, render_template

from gateway.language import chosen

blueprint = Blueprint("help", __name__, url_prefix="/ajuda")


@blueprint.get("/videoconferencia")
def holder_manual() -> str:
    """How to take part in the videoconference, for printing."""
    return render_template(f"help/{chosen()}/holder.html")


@blueprint.get("/procedimento")
def procedure() -> str:
    """The procedure in 24 steps."""
    return render_template(f"help/{chosen()}/procedure.html")
