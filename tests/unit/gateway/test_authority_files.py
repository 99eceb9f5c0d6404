"""The authority's public files."""

from __future__ import annotations

import base64
from datetime import timedelta
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding

from chassis.clock import now
from contracts.certification import GET_AUTHORITY, GET_REVOCATION_LIST
from contracts.errors import NotFound
from services.certification.authority.certificates import Issuer, root_certificate
from services.certification.authority.lists import signed_list
from tests.support.sample_gateway import SampleGateway


def made(life: timedelta) -> bytes:
    """A list."""
    key = ec.generate_private_key(ec.SECP256R1())
    return signed_list(Issuer(root_certificate(key, now()), key), [], now(), life)


def authority(gateway: SampleGateway, root_list: bytes | None) -> None:
    """Let certification answer."""
    encoded = base64.b64encode(root_list).decode() if root_list else None
    reply: dict[str, Any] = {"root_pem": "", "issuing_pem": "", "root_crl": encoded}
    gateway.caller.answers[GET_AUTHORITY] = lambda _data, _actor: reply


@pytest.mark.parametrize("address", ["/ac/raiz.crl", "/ac/raiz-2.crl"])
def test_the_root_list_is_served_to_anybody(gateway: SampleGateway, address: str) -> None:
    content = made(timedelta(days=365))
    authority(gateway, content)
    response = gateway.client().get(address)
    assert (response.status_code, response.mimetype, response.data) == (200, "application/pkix-crl", content)
    assert response.cache_control.max_age == 24 * 60 * 60


@pytest.mark.parametrize(("life", "kept"), [(timedelta(hours=24), (600, 600)), (timedelta(minutes=5), (290, 300))])
def test_caches_may_keep_the_list_and_ask_whether_it_changed(
    gateway: SampleGateway, life: timedelta, kept: tuple[int, int]
) -> None:
    # given a list
    content = made(life)
    reply = {"crl": base64.b64encode(content).decode(), "next_update": now() + life}
    gateway.caller.answers[GET_REVOCATION_LIST] = lambda _data, _actor: reply

    # when it is fetched, then caches are told for how long it counts, at most until its next update
    response = gateway.client().get("/ac/emissora.crl")
    assert (response.data, response.cache_control.public, response.cache_control.must_revalidate) == (content, True, True)
    assert response.cache_control.max_age is not None
    assert kept[0] <= response.cache_control.max_age <= kept[1]

    # and who has it is told so, by its tag and by its date
    for name, value in (("If-None-Match", "ETag"), ("If-Modified-Since", "Last-Modified")):
        again = gateway.client().get("/ac/emissora-2.crl", headers={name: response.headers[value]})
        assert (again.status_code, again.data) == (304, b"")

    # and another list is sent
    reply["crl"] = base64.b64encode(made(life)).decode()
    again = gateway.client().get("/ac/emissora.crl", headers={"If-None-Match": response.headers["ETag"]})
    assert again.status_code == 200


def test_a_years_list_is_served_at_both_its_addresses(gateway: SampleGateway) -> None:
    content = made(timedelta(hours=24))
    reply = {"crl": base64.b64encode(content).decode(), "next_update": now() + timedelta(hours=24)}
    gateway.caller.answers[GET_REVOCATION_LIST] = lambda _data, _actor: reply
    for generation in ("", "-g3"):
        for address in (f"/ac/emissora{generation}-2026.crl", f"/ac/emissora{generation}-2026-2.crl"):
            assert gateway.client().get(address).data == content
    asked = [(one.data["generation"], one.data["year"]) for one in gateway.caller.asked]
    assert asked == [(1, 2026), (1, 2026), (3, 2026), (3, 2026)]
    assert gateway.client().get("/ac/emissora-26.crl").status_code == 404


def test_an_older_authoritys_root_list_is_not_found(gateway: SampleGateway) -> None:
    authority(gateway, None)
    assert gateway.client().get("/ac/raiz.crl").status_code == 404


def certificates(count: int) -> list[str]:
    """Issuing certificates."""
    keys = [ec.generate_private_key(ec.SECP256R1()) for _ in range(count)]
    return [root_certificate(key, now()).public_bytes(Encoding.PEM).decode() for key in keys]


def test_each_generations_files_are_at_its_own_addresses(gateway: SampleGateway) -> None:
    # given two generations of the issuing authority
    pems, lists = certificates(2), {number: made(timedelta(hours=24)) for number in (1, 2)}
    gateway.caller.answers[GET_AUTHORITY] = lambda *_: {"root_pem": "", "issuing_pem": pems[1], "issuing_pems": pems}

    def answer(data: dict[str, Any], _: Any) -> dict[str, Any]:
        if data["generation"] not in lists:
            raise NotFound("no such generation")
        return {"crl": base64.b64encode(lists[data["generation"]]).decode(), "next_update": now()}

    gateway.caller.answers[GET_REVOCATION_LIST] = answer

    # when each is asked for, then the addresses of ever are the first's
    client = gateway.client()
    for number, name in ((1, "emissora"), (2, "emissora-g2")):
        der = x509.load_pem_x509_certificate(pems[number - 1].encode()).public_bytes(Encoding.DER)
        assert client.get(f"/ac/{name}.cer").data == der
        assert [client.get(f"/ac/{name}{second}.crl").data for second in ("", "-2")] == [lists[number]] * 2

    # and all together are there as text, for who does not know which is meant
    assert client.get("/ac/emissoras.pem").get_data(as_text=True) == "".join(pems)
    listed = client.get("/ac/listas.pem").data
    assert [one + b"-----END X509 CRL-----\n" for one in listed.split(b"-----END X509 CRL-----\n")[:-1]] == [
        x509.load_der_x509_crl(one).public_bytes(Encoding.PEM) for one in lists.values()
    ]

    # and there is no third, and none of another name
    for name in ("emissora-g3.cer", "emissora-g3.crl", "emissora-g1.cer", "emissora-g0.crl", "emissora-gx.crl"):
        assert client.get(f"/ac/{name}").status_code == 404


def test_an_older_service_has_one_generation(gateway: SampleGateway) -> None:
    (pem,) = certificates(1)
    gateway.caller.answers[GET_AUTHORITY] = lambda *_: {"root_pem": "", "issuing_pem": pem}
    assert gateway.client().get("/ac/emissora.cer").status_code == 200
    assert gateway.client().get("/ac/emissoras.pem").get_data(as_text=True) == pem
    assert gateway.client().get("/ac/emissora-g2.cer").status_code == 404
