"""The authority's public files, at the addresses that certificates name."""

from __future__ import annotations

import base64
from datetime import timedelta

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from flask import Blueprint, Response, request
from werkzeug.exceptions import NotFound

from chassis.clock import now
from contracts.certification import GET_AUTHORITY, GET_REVOCATION_LIST
from gateway.security import access
from gateway.views import ask

blueprint = Blueprint("authority", __name__, url_prefix="/ac")
PKIX_CERTIFICATE = "application/pkix-cert"  # RFC 2585, section 4
LIST_KEPT = timedelta(minutes=10)  # a list of a day, but what is withheld or revoked changes at any time
ROOT_LIST_KEPT = timedelta(days=1)
SECOND = 2
PKIX_LIST = "application/pkix-crl"


@blueprint.get("/raiz.pem")
def root() -> Response:
    """The root certificate."""
    return Response(ask(GET_AUTHORITY, access.holder())["root_pem"], mimetype="application/x-pem-file")


@blueprint.get("/raiz.cer")
def root_der() -> Response:
    """The root certificate, DER (authorityInfoAccess of the issuing certificate)."""
    pem = ask(GET_AUTHORITY, access.holder())["root_pem"]
    return Response(x509.load_pem_x509_certificate(pem.encode()).public_bytes(Encoding.DER), mimetype=PKIX_CERTIFICATE)


@blueprint.get("/emissora.cer")
@blueprint.get("/emissora-g<int(min=2):generation>.cer")
def issuing(generation: int = 1) -> Response:
    """An issuing certificate, DER (authorityInfoAccess, RFC 5280, 4.2.2.1). Each generation's certificates name its own."""
    pems = _issuing()
    if generation > len(pems):
        raise NotFound
    pem = pems[generation - 1]
    return Response(x509.load_pem_x509_certificate(pem.encode()).public_bytes(Encoding.DER), mimetype=PKIX_CERTIFICATE)


@blueprint.get("/emissoras.pem")
def all_issuing() -> Response:
    """The issuing certificates of all generations, to be chosen from."""
    return Response("".join(_issuing()), mimetype="application/x-pem-file")


@blueprint.get("/listas.pem")
def all_revocations() -> Response:
    """The present revocation lists of all generations, as text."""
    asked = (ask(GET_REVOCATION_LIST, access.holder(), generation=number) for number in range(1, len(_issuing()) + 1))
    lists = (x509.load_der_x509_crl(base64.b64decode(reply["crl"])) for reply in asked)
    response = Response(b"".join(one.public_bytes(Encoding.PEM) for one in lists), mimetype="application/x-pem-file")
    response.cache_control.max_age = int(LIST_KEPT.total_seconds())
    return response


@blueprint.get("/raiz.crl")
@blueprint.get("/raiz-2.crl")
def root_revocations() -> Response:
    """The root's revocation list, DER. Not found where the authority is from before there was one."""
    encoded = ask(GET_AUTHORITY, access.holder())["root_crl"]
    if encoded is None:
        raise NotFound
    return _list(base64.b64decode(encoded), ROOT_LIST_KEPT)


@blueprint.get("/emissora.crl")
@blueprint.get("/emissora-2.crl")
@blueprint.get("/emissora-g<int(min=2):generation>.crl")
def revocations(generation: int = 1) -> Response:
    """A generation's revocation list, DER; certificates name two addresses, so that a proxy can serve each from elsewhere."""
    return _list(base64.b64decode(ask(GET_REVOCATION_LIST, access.holder(), generation=generation)["crl"]), LIST_KEPT)


@blueprint.get("/emissora-g<int(min=2):generation>-<int:part>.crl")
def revocations_by(generation: int, part: int) -> Response:
    """The second address of a generation's whole list, or the first of a year's: rules that differ by digits hide one another."""
    return revocations(generation) if part == SECOND else revocations_of(part, generation)


@blueprint.get("/emissora-<int(fixed_digits=4):year>.crl")
@blueprint.get("/emissora-<int(fixed_digits=4):year>-2.crl")
@blueprint.get("/emissora-g<int(min=2):generation>-<int(fixed_digits=4):year>-2.crl")
def revocations_of(year: int, generation: int = 1) -> Response:
    """A generation's list, DER, of the certificates alone that it issued in a year: those name these two addresses."""
    reply = ask(GET_REVOCATION_LIST, access.holder(), generation=generation, year=year)
    return _list(base64.b64decode(reply["crl"]), LIST_KEPT)


def _issuing() -> list[str]:
    """The issuing certificates, the first generation's first; older answers name only one."""
    reply = ask(GET_AUTHORITY, access.holder())
    pems: list[str] = reply["issuing_pems"] or [reply["issuing_pem"]]
    return pems


def _list(content: bytes, longest: timedelta) -> Response:
    """A list, to be kept until its next update, and no longer than ``longest`` without asking whether there is another."""
    parsed = x509.load_der_x509_crl(content)
    response = Response(content, mimetype=PKIX_LIST)
    response.last_modified = parsed.last_update_utc
    response.cache_control.public = True
    response.cache_control.no_transform = True
    response.cache_control.must_revalidate = True
    due = parsed.next_update_utc or parsed.last_update_utc
    response.cache_control.max_age = max(0, int(min(due - now(), longest).total_seconds()))
    response.add_etag()
    response.make_conditional(request)
    return response
