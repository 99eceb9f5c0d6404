"""The public page that says whether a term or a certificate is genuine. The file is read in the browser and stays there."""

from __future__ import annotations

from flask import Blueprint, render_template

from gateway.verification.texts import verification_texts

blueprint = Blueprint("verification", __name__, url_prefix="/verificar")


@blueprint.get("/")
def verify() -> str:
    """The page; a term's QR code leads here, with its protocol number in the fragment."""
    return render_template("verification/page.html", texts=verification_texts())
