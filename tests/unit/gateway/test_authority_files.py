"""The authority's public files."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from contracts.certification import GET_AUTHORITY
from tests.support.sample_gateway import SampleGateway


def authority(gateway: SampleGateway, root_list: bytes | None) -> None:
    """Let certification answer."""
    encoded = base64.b64encode(root_list).decode() if root_list else None
    reply: dict[str, Any] = {"root_pem": "", "issuing_pem": "", "root_crl": encoded}
    gateway.caller.answers[GET_AUTHORITY] = lambda _data, _actor: reply


@pytest.mark.parametrize("address", ["/ac/raiz.crl", "/ac/raiz-2.crl"])
def test_the_root_list_is_served_to_anybody(gateway: SampleGateway, address: str) -> None:
    authority(gateway, b"\x30\x01\x00")
    response = gateway.client().get(address)
    assert (response.status_code, response.mimetype, response.data) == (200, "application/pkix-crl", b"\x30\x01\x00")


def test_an_older_authoritys_root_list_is_not_found(gateway: SampleGateway) -> None:
    authority(gateway, None)
    assert gateway.client().get("/ac/raiz.crl").status_code == 404
