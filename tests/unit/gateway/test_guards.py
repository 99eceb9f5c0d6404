"""The gate: sign-in, forged requests, roles and offices, limits, headers."""

from __future__ import annotations

from base64 import b64encode
from dataclasses import replace

import pytest

from gateway.app import LARGEST_REQUEST
from gateway.security.accounts import hash_password
from tests.support import gateway_samples as samples
from tests.support.sample_gateway import PASSWORD, SampleGateway, build, csrf_token

OWN = f"/cadastros/{samples.OWN_REGISTRATION}"
FOREIGN = f"/emissoes/{samples.named_id('emission-foreign')}"
LETTER = samples.dead_letters()[0]
COMPLETED = samples.named_id("emission-completed")
OWN_VIDEO = f"/emissoes/{COMPLETED}/videos/{samples.named_id(f'recording-{COMPLETED}')}/playable"


def test_nobody_gets_the_sign_in_page_and_goes_on_from_there(gateway: SampleGateway) -> None:
    client = gateway.client()
    answer = client.get(OWN)
    assert answer.status_code == 302
    assert answer.headers["Location"] == f"/entrar?next={OWN}"
    form = {"csrf_token": csrf_token(client, "/entrar"), "user_id": " ANA ", "password": PASSWORD}
    assert client.post(answer.headers["Location"], data=form).headers["Location"] == OWN
    assert gateway.ledger.names() == ["SignedIn"]


@pytest.mark.parametrize(("user_id", "password"), [("ana", "wrong"), ("nobody", PASSWORD), ("ana", "")])
def test_a_wrong_sign_in_tells_nothing_and_is_recorded_without_the_name(
    gateway: SampleGateway, user_id: str, password: str
) -> None:
    client = gateway.client()
    form = {"csrf_token": csrf_token(client, "/entrar"), "user_id": user_id, "password": password}
    answer = client.post("/entrar", data=form)
    assert answer.status_code in (401, 422)
    assert client.get("/").status_code == 302
    assert all(user_id not in str(data) for _name, data, _actor in gateway.ledger.recorded)


def test_sign_in_is_limited(gateway: SampleGateway) -> None:
    client = gateway.client()
    form = {"csrf_token": csrf_token(client, "/entrar"), "user_id": "ana", "password": "wrong"}
    statuses = [client.post("/entrar", data=form).status_code for _ in range(11)]
    assert statuses == [401] * 10 + [429]


def test_an_office_that_signs_in_from_one_address_is_not_shut_out(gateway: SampleGateway) -> None:
    def sign_in() -> int:
        client = gateway.client()
        form = {"csrf_token": csrf_token(client, "/entrar"), "user_id": "ana", "password": PASSWORD}
        return client.post("/entrar", data=form).status_code

    assert {sign_in() for _ in range(12)} == {302}


def test_look_ups_are_limited(gateway: SampleGateway) -> None:
    client = gateway.client("ana")
    form = {"csrf_token": csrf_token(client, "/ajuda/procedimento"), "cpf": samples.CPF}
    statuses = {client.post("/pessoas/consultar", data=form).status_code for _ in range(41)}
    assert statuses == {302, 429}


def test_a_form_without_the_sessions_token_is_refused(gateway: SampleGateway) -> None:
    client = gateway.client("ana")
    answer = client.post(f"{OWN}/certificacao/remota")
    assert answer.status_code == 422
    assert not gateway.caller.commands()


def test_a_form_that_is_too_large_gets_a_page_that_says_so(gateway: SampleGateway) -> None:
    client = gateway.client("ana")
    form = {"csrf_token": csrf_token(client, "/ajuda/procedimento"), "cpf": "1" * (LARGEST_REQUEST + 1)}
    answer = client.post("/pessoas/consultar", data=form)
    assert answer.status_code == 422
    assert "<html" in answer.get_data(as_text=True)


def test_every_page_has_a_strict_policy(gateway: SampleGateway) -> None:
    headers = gateway.client("ana").get("/").headers
    policy = dict(part.strip().split(" ", 1) for part in headers["Content-Security-Policy"].split(";"))
    assert policy["script-src"] == policy["style-src"] == policy["default-src"] == "'self'"
    assert policy["connect-src"] == "'self' http://localhost:8001 ws://localhost:8188"
    assert policy["frame-ancestors"] == "'none'"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("path", ["/", OWN, f"{OWN}/editar", "/videoconferencia/", "/certificado/", "/ajuda/procedimento"])
def test_no_page_has_inline_scripts_or_styles(gateway: SampleGateway, path: str) -> None:
    page = gateway.client("ana").get(path).get_data(as_text=True)
    assert " style=" not in page
    assert "<style" not in page
    assert all('type="application/json"' in tag or "src=" in tag for tag in page.split("<script")[1:])


def test_the_session_cookie_is_kept_from_scripts_and_other_sites() -> None:
    secure = build(public_url="https://titular.example")
    client = secure.app.test_client()
    answer = client.get("/entrar", base_url="https://titular.example")
    cookie = answer.headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "Secure" in cookie
    assert "SameSite=Lax" in cookie
    assert "Strict-Transport-Security" in answer.headers


CLERKS = {"ana", "alice"}
MATRIX = [
    ("/", {"ana", "alice"}),
    (OWN, CLERKS),
    (f"{OWN}/editar", CLERKS),
    (f"{OWN}/certificacao", CLERKS),
    (f"/emissoes/{COMPLETED}", CLERKS),
    (OWN_VIDEO, {"ana", "alice", "davi"}),
    (f"/emissoes/{COMPLETED}/documentos/termo", {"ana", "alice", "davi"}),
    ("/operacoes/", {"olga", "alice"}),
    ("/operacoes/filas", {"olga", "alice"}),
    ("/operacoes/avisos", {"olga", "alice"}),
    ("/operacoes/nao-tratados", {"olga", "alice"}),
    (f"/operacoes/nao-tratados/{LETTER.queue}", {"olga", "alice"}),
    (f"/operacoes/nao-tratados/{LETTER.queue}/{LETTER.id}", {"olga", "alice"}),
    (f"/operacoes/nao-tratados/{LETTER.queue}/descartar", {"olga", "alice"}),
    ("/operacoes/registro", {"olga", "alice", "davi"}),
    ("/operacoes/paradas", {"olga", "alice"}),
    ("/auditoria/", {"davi", "alice"}),
    (f"/auditoria/emissoes/{COMPLETED}", {"davi", "alice"}),
    ("/api/emissions", {"ana", "rui", "olga", "davi", "alice"}),
]


@pytest.mark.parametrize("user_id", ["ana", "olga", "davi", "alice"])
def test_each_role_sees_its_pages_only_and_refusals_are_recorded(gateway: SampleGateway, user_id: str) -> None:
    client = gateway.client(user_id)
    for path, allowed in MATRIX:
        before = gateway.ledger.names().count("AccessRefused")
        status = client.get(path).status_code
        if path == "/" and user_id not in allowed:
            assert status == 302
        elif user_id in allowed:
            assert status == 200, path
        else:
            assert status == 403, path
            assert gateway.ledger.names().count("AccessRefused") == before + 1


@pytest.mark.parametrize("path", [FOREIGN, f"{FOREIGN}/partes", f"{FOREIGN}/sala", f"{FOREIGN}/documentos/termo"])
def test_another_offices_emission_is_refused_and_recorded(gateway: SampleGateway, path: str) -> None:
    answer = gateway.client("ana").get(path)
    assert answer.status_code == 403
    name, data, actor = gateway.ledger.recorded[-1]
    assert name == "AccessRefused"
    assert data["user_id"] == "ana"
    assert data["reason"] == "office"
    assert samples.named_id("emission-foreign") not in str(data)
    assert actor is not None


@pytest.mark.parametrize("change", ["deactivated", "new password"])
def test_a_session_ends_with_the_account_or_its_password(gateway: SampleGateway, change: str) -> None:
    client = gateway.client("ana")
    account = gateway.accounts.get("ana")
    assert account is not None
    if change == "deactivated":
        gateway.accounts.replace(replace(account, active=False))
    else:
        gateway.accounts.replace(replace(account, password_hash=hash_password("another long password")))
    assert client.get("/").status_code == 302


def basic(user_id: str, password: str) -> dict[str, str]:
    return {"Authorization": "Basic " + b64encode(f"{user_id}:{password}".encode()).decode()}


def test_the_api_takes_an_accounts_password(gateway: SampleGateway) -> None:
    client = gateway.client()
    assert client.get("/api/emissions").status_code == 401
    answer = client.get("/api/emissions", headers=basic("ana", PASSWORD))
    assert answer.status_code == 200
    assert {each["office_id"] for each in answer.json["emissions"]} == {"office-1"}
    assert "Set-Cookie" not in answer.headers or "_user_id" not in answer.headers["Set-Cookie"]


def test_wrong_passwords_at_the_api_are_limited(gateway: SampleGateway) -> None:
    client = gateway.client()
    statuses = [client.get("/api/emissions", headers=basic("ana", "wrong")).status_code for _ in range(11)]
    assert statuses == [401] * 10 + [429]
    assert client.get("/api/emissions", headers=basic("ana", PASSWORD)).status_code == 429


def test_the_api_refuses_a_sessions_command_without_its_token(gateway: SampleGateway) -> None:
    client = gateway.client("ana")
    body = {"registration_id": samples.OWN_REGISTRATION, "mode": "remote"}
    assert client.post("/api/emissions", json=body).status_code == 422
    assert gateway.post_json(client, "/api/emissions", body).status_code == 201


def test_the_api_names_faulty_fields(gateway: SampleGateway) -> None:
    client = gateway.client("ana")
    answer = gateway.post_json(client, "/api/emissions", {"mode": "by letter"})
    assert answer.status_code == 422
    assert {problem["field"] for problem in answer.json["details"]["problems"]} == {"registration_id", "mode"}


def test_the_api_describes_itself(gateway: SampleGateway) -> None:
    client = gateway.client("ana")
    description = client.get("/api/openapi.json").json
    assert "/api/emissions/{emission_id}/history" in description["paths"]
    assert "join_token" not in description["components"]["schemas"]["ConferenceReply"]["properties"]
    assert client.get("/api/").status_code == 200


@pytest.mark.parametrize(("path", "status"), [("/nada", 404), (f"/cadastros/{samples.named_id('x')}", 404), ("/api/nada", 404)])
def test_what_is_not_there_says_so(gateway: SampleGateway, path: str, status: int) -> None:
    answer = gateway.client("ana").get(path)
    assert answer.status_code == status
    assert "Não encontramos nada" in (answer.json["text"] if answer.is_json else answer.get_data(as_text=True))


def test_a_cookie_stolen_before_the_sign_out_is_dead_afterwards(gateway: SampleGateway) -> None:
    """Of the session that was signed out only: the same person's other browser goes on."""
    client, other = gateway.client("ana"), gateway.client("ana")
    cookie = client.get_cookie("titular_session")
    assert cookie is not None
    thief = gateway.app.test_client()
    thief.set_cookie("titular_session", cookie.value)
    assert thief.get("/").status_code == other.get("/").status_code == 200
    thief.set_cookie("titular_session", cookie.value)
    gateway.post(client, "/sair")
    assert "/entrar" in thief.get("/").headers["Location"]
    assert other.get("/").status_code == 200
