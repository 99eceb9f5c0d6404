"""The public page on real terms and certificates: the browser says what is genuine, and finds what is not."""

from __future__ import annotations

import base64
import shutil
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from asn1crypto import cms
from playwright.sync_api import Page, expect

from chassis.clock import now
from contracts.certification import ANSWER_OCSP, GET_AUTHORITY
from contracts.errors import Unavailable
from services.certification.authority import files, generations
from services.certification.authority.custody import FileCustody
from services.certification.authority.succession import AllGenerations
from services.certification.model.state import CertificateStatus
from tests.integration.gateway.conftest import PHONE, Site
from tests.support.accessibility import violations
from tests.support.holder import new_key
from tests.support.terms import ADDRESSES, PASSWORD, Notary, issued, notary

pytestmark = pytest.mark.integration
Verify = Callable[[str, bytes], Page]


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Any:
    with notary(tmp_path_factory.mktemp("notary")) as made:
        yield made


class Authority:
    """What the page is answered: by the office's real authority, which thinks so of every certificate of its own."""

    def __init__(self, site: Site, office: Notary) -> None:
        self.status = CertificateStatus("valid")
        self._office = office
        pems = {"root_pem": office.authority.root_pem(), "issuing_pem": office.authority.issuing_pem()}
        site.gateway.caller.answers[GET_AUTHORITY] = lambda *_: pems
        site.gateway.caller.answers[ANSWER_OCSP] = self._answer

    def _answer(self, data: dict[str, Any], _: Any) -> dict[str, Any]:
        request = base64.b64decode(data["request"])
        response, until = self._office.authority.answer_ocsp(request, lambda _: self.status, now())
        return {"response": base64.b64encode(response).decode(), "next_update": until}


@pytest.fixture
def authority(site: Site, office: Notary) -> Authority:
    return Authority(site, office)


@pytest.fixture
def verify(site: Site, authority: Authority, tmp_path: Path) -> Verify:
    page = site.context().new_page()

    def run(name: str, content: bytes) -> Page:
        page.goto(f"{site.url}/verificar/")
        (tmp_path / name).write_bytes(content)
        page.set_input_files("#file", tmp_path / name)
        page.wait_for_selector(".verdict")
        return page

    return run


def axe_violations(page: Page) -> list[str]:
    """What axe finds against WCAG 2.2 AA."""
    return [each["id"] for each in violations(page)]


def answers(page: Page) -> dict[str, str]:
    """Each question's answer, as it is read."""
    lines = page.locator(".verdict-checks li").all()
    return {line.locator("strong").inner_text(): line.locator(".check-answer").inner_text() for line in lines}


def test_a_signed_term_is_genuine_whole_and_in_force(verify: Verify, office: Notary) -> None:
    page = verify("termo.pdf", office.signed)
    expect(page.locator(".verdict-yes h2")).to_have_text("Este termo é autêntico")
    assert set(answers(page).values()) == {"Sim", "Não se sabe"}  # not yet prepared for long keeping
    expect(page.locator("#result")).to_contain_text("MARIA DA CONCEICAO")
    assert axe_violations(page) == []


def test_the_long_term_form_is_known_as_such(verify: Verify, office: Notary) -> None:
    page = verify("termo.pdf", office.preserved)
    expect(page.locator(".verdict-yes")).to_be_visible()
    assert set(answers(page).values()) == {"Sim"}


def test_nothing_of_the_file_is_sent(site: Site, authority: Authority, office: Notary, tmp_path: Path) -> None:
    page = site.context().new_page()
    sent: list[tuple[str, str, int]] = []
    page.on("request", lambda one: sent.append((one.method, one.url, len(one.post_data_buffer or b""))))
    page.goto(f"{site.url}/verificar/")
    (tmp_path / "termo.pdf").write_bytes(office.signed)
    page.set_input_files("#file", tmp_path / "termo.pdf")
    page.wait_for_selector(".verdict")
    assert [(method, url.rsplit("/", 1)[1], size < 200) for method, url, size in sent if method != "GET"] == [
        ("POST", "ocsp", True)
    ]


def _changed_word(document: bytes) -> bytes:
    place = document.index(b"/Title")
    return document[:place] + b"/Tytle" + document[place + 6 :]


def _added(document: bytes) -> bytes:
    return document + b"\n% something more\n"


def _changed_signature(document: bytes) -> bytes:
    start = document.index(b"/Contents <") + len(b"/Contents <")
    container = cms.ContentInfo.load(bytes.fromhex(document[start : document.index(b">", start)].decode()))
    (signer,) = container["content"]["signer_infos"]
    place = document.lower().index(signer["signature"].native.hex().encode(), start) + 40
    return document[:place] + (b"0" if document[place : place + 1] != b"0" else b"1") + document[place + 1 :]


@pytest.mark.parametrize("change", [_changed_word, _added, _changed_signature])
@pytest.mark.parametrize("form", ["signed", "preserved"])
def test_whatever_is_changed_shows(verify: Verify, office: Notary, change: Callable[[bytes], bytes], form: str) -> None:
    page = verify("termo.pdf", change(getattr(office, form)))
    expect(page.locator(".verdict-no h2")).to_have_text("Este termo não é autêntico ou não está como foi assinado")


def test_another_authoritys_term_is_not_genuine(verify: Verify, tmp_path_factory: pytest.TempPathFactory) -> None:
    with notary(tmp_path_factory.mktemp("other")) as other:
        page = verify("termo.pdf", other.signed)
    expect(page.locator(".verdict-no")).to_be_visible()
    assert answers(page)["O certificado é desta autoridade?"] == "Não"


@pytest.mark.parametrize(
    ("after", "kind", "says"),
    [
        (timedelta(days=1), "yes", "foi revogado depois"),
        (timedelta(days=-1), "no", "Foi revogado em"),
    ],
)
def test_a_revocation_counts_from_its_moment(
    verify: Verify, authority: Authority, office: Notary, after: timedelta, kind: str, says: str
) -> None:
    authority.status = CertificateStatus("revoked", _seconds(now() + after), "key_compromise")
    page = verify("termo.pdf", office.signed)
    expect(page.locator(f".verdict-{kind}")).to_be_visible()
    expect(page.locator("#result")).to_contain_text(says)


def test_a_certificate_alone_is_judged_by_today(verify: Verify, office: Notary) -> None:
    expect(verify("certificado.cer", office.certificate).locator(".verdict-yes h2")).to_contain_text("em vigor")


def test_certificates_of_each_generation_are_judged_by_their_own_issuer(
    site: Site, verify: Verify, authority: Authority, office: Notary, tmp_path: Path
) -> None:
    # given the office's authority, rolled over, and a certificate of its second generation
    folder, custody = tmp_path / "authority", FileCustody(PASSWORD)
    shutil.copytree(office.folder, folder)
    generations.roll_over(folder, custody, files.load_issuer(folder, "root", custody), ADDRESSES, now())
    both = AllGenerations.open(folder, custody, ADDRESSES, now())
    second = issued(both, new_key())
    answer = {"root_pem": both.root_pem(), "issuing_pem": both.issuing_pem()}

    def status(data: dict[str, Any], _: Any) -> dict[str, Any]:
        response, until = both.answer_ocsp(base64.b64decode(data["request"]), lambda _: authority.status, now())
        return {"response": base64.b64encode(response).decode(), "next_update": until}

    site.gateway.caller.answers[ANSWER_OCSP] = status
    site.gateway.caller.answers[GET_AUTHORITY] = lambda *_: {**answer, "issuing_pems": both.issuing_pems()}

    # when certificates of both are shown, and a term of the first, then all are in force
    for name, content in (("a.cer", office.certificate), ("b.cer", second), ("termo.pdf", office.preserved)):
        expect(verify(name, content).locator(".verdict-yes")).to_be_visible()

    # and without the second generation's certificate its holder's is of nobody known
    site.gateway.caller.answers[GET_AUTHORITY] = lambda *_: {**answer, "issuing_pems": both.issuing_pems()[:1]}
    expect(verify("b.cer", second).locator(".verdict-no")).to_be_visible()


def test_a_certificate_on_hold_is_not_in_force(verify: Verify, authority: Authority, office: Notary) -> None:
    authority.status = CertificateStatus("withheld", _seconds(now()))
    page = verify("certificado.cer", office.certificate)
    expect(page.locator(".verdict-no")).to_be_visible()
    expect(page.locator("#result")).to_contain_text("suspenso")


def test_an_authority_that_does_not_answer_leaves_it_open(site: Site, verify: Verify, office: Notary) -> None:
    site.gateway.caller.answers[ANSWER_OCSP] = Unavailable("certification is away", reason="no_answer")
    page = verify("termo.pdf", office.signed)
    expect(page.locator(".verdict-unknown h2")).to_have_text("Não foi possível verificar este termo por inteiro")
    assert answers(page)["O certificado estava em vigor?"] == "Não se sabe"


@pytest.mark.parametrize(("name", "content"), [("foto.jpg", b"\xff\xd8\xff"), ("termo.pdf", b"%PDF-1.7\nnothing")])
def test_what_is_no_term_is_said_to_be_none(verify: Verify, name: str, content: bytes) -> None:
    expect(verify(name, content).locator(".verdict-no")).to_be_visible()


def test_the_page_fits_a_phone(site: Site, authority: Authority, office: Notary, tmp_path: Path) -> None:
    page = site.phone()
    page.goto(f"{site.url}/verificar/#123456.2026.11.22.00000001-37")
    expect(page.locator("#from-term")).to_contain_text("123456.2026.11.22.00000001-37")
    (tmp_path / "termo.pdf").write_bytes(office.signed)
    page.set_input_files("#file", tmp_path / "termo.pdf")
    page.wait_for_selector(".verdict")
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    assert axe_violations(page) == []


def _seconds(moment: datetime) -> datetime:
    return moment.replace(microsecond=0)
