"""The gateway over fakes that hold sample things.

By itself a server to look at the pages: ``python -m tests.support.sample_gateway PORT``.
"""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from chassis.objects import MemoryObjectStore
from chassis.settings import DocumentSettings, ObjectSettings, ProcessSettings
from contracts import certification, conference, media, notify, registry
from contracts.actor import Actor
from contracts.errors import AlreadyExists, Forbidden, InvalidInput, LinkUnusable, NotFound, TitularError
from contracts.operation import Operation
from gateway.app import create_app
from gateway.parts import Parts
from gateway.security.accounts import Account, new_account, with_ended
from gateway.security.guards import limiter
from gateway.settings import GatewaySettings
from tests.support import authority_samples
from tests.support import gateway_samples as samples
from tests.support.memory_letters import ListLedger, MemoryDeadLetters

PASSWORD = "correct horse battery"
Answer = Callable[[dict[str, Any], Actor], Any]


@dataclass(frozen=True, slots=True)
class Asked:
    """One question that reached the fake services."""

    operation: Operation
    data: dict[str, Any]
    actor: Actor
    command_id: str | None


class FakeCaller:
    """Answers by the contracts: questions, roles and replies go through the same checks as on the wire."""

    def __init__(self) -> None:
        self.asked: list[Asked] = []
        self.answers: dict[Operation, Answer | TitularError] = {}

    def __call__(
        self, operation: Operation, data: Mapping[str, Any], *, actor: Actor, command_id: str | None = None
    ) -> dict[str, Any]:
        """See :class:`chassis.rpc.Caller`."""
        question = operation.request().load(operation.request().dump(data))
        self.asked.append(Asked(operation, question, actor, command_id))
        if actor.role not in operation.roles:
            raise Forbidden("not this role", reason="role")
        answer = self.answers[operation]
        if isinstance(answer, TitularError):
            raise answer
        loaded: dict[str, Any] = operation.reply().load(operation.reply().dump(answer(question, actor)))
        return loaded

    def commands(self) -> list[Asked]:
        """What was to change something."""
        return [asked for asked in self.asked if asked.operation.kind == "command"]


class MemoryAccounts:
    """Accounts in memory."""

    def __init__(self) -> None:
        self._accounts: dict[str, Account] = {}

    def get(self, user_id: str) -> Account | None:
        """See :class:`gateway.security.accounts.Accounts`."""
        return self._accounts.get(user_id)

    def add(self, account: Account) -> None:
        """See :class:`gateway.security.accounts.Accounts`."""
        if account.user_id in self._accounts:
            raise AlreadyExists("taken", field="user_id")
        self._accounts[account.user_id] = account

    def replace(self, account: Account) -> None:
        """See :class:`gateway.security.accounts.Accounts`."""
        if account.user_id not in self._accounts:
            raise NotFound("no such account")
        self._accounts[account.user_id] = replace(account, ended=self._accounts[account.user_id].ended)

    def end_session(self, user_id: str, session_id: str, now: float) -> None:
        """See :class:`gateway.security.accounts.Accounts`."""
        if user_id not in self._accounts:
            raise NotFound("no such account")
        account = self._accounts[user_id]
        self._accounts[user_id] = replace(account, ended=with_ended(account.ended, session_id, now))


def settings(**changes: Any) -> GatewaySettings:
    """Settings for tests."""
    base = GatewaySettings(
        process=ProcessSettings("amqp://", "127.0.0.1", 0, "INFO"),
        documents=DocumentSettings("mongodb://", "gateway"),
        objects=ObjectSettings("", "", "", False, ""),
        secret="a secret for tests of at least 32 characters",
        public_url="http://localhost:8000",
        streams_url="http://localhost:8001",
        signalling_origin="ws://localhost:8188",
        inbox_url=None,
        http_host="127.0.0.1",
        http_port=8000,
        http_threads=8,
        streams_port=8001,
        streams_threads=8,
        trusted_proxies=0,
        time_zone="America/Sao_Paulo",
    )
    return replace(base, **changes)


STAFF = (
    ("ana", "Ana Lima", "clerk", samples.OFFICE),
    ("rui", "Rui Prado", "clerk", samples.OTHER_OFFICE),
    ("olga", "Olga Reis", "operator", {}),
    ("davi", "Davi Nunes", "auditor", {}),
    ("alice", "Alice Melo", "administrator", samples.OFFICE),
    ("ada", "Ada Moraes", "authority_administrator", {}),
)


@functools.cache
def staff() -> tuple[Account, ...]:
    """The accounts; hashing their passwords takes its time, so it is done once."""
    return tuple(
        new_account(user_id, name, role, PASSWORD, office.get("office_id"), office.get("office_name"))
        for user_id, name, role, office in STAFF
    )


@dataclass
class SampleGateway:
    """The application and the fakes behind it."""

    app: Flask
    caller: FakeCaller
    accounts: MemoryAccounts
    ledger: ListLedger
    objects: MemoryObjectStore
    dead_letters: MemoryDeadLetters

    def client(self, user_id: str | None = None) -> FlaskClient:
        """A browser, signed in as somebody."""
        client = self.app.test_client()
        if user_id:
            token = csrf_token(client, "/entrar")
            form = {"csrf_token": token, "user_id": user_id, "password": PASSWORD}
            assert client.post("/entrar", data=form).status_code == 302
        return client

    def post(self, client: FlaskClient, path: str, form: Mapping[str, Any] | None = None, **options: Any) -> TestResponse:
        """Send a form with the session's token."""
        data = {"csrf_token": csrf_token(client, "/ajuda/procedimento"), **(form or {})}
        return client.post(path, data=data, **options)

    def post_json(self, client: FlaskClient, path: str, body: Mapping[str, Any]) -> TestResponse:
        """Send JSON with the session's token in the header, as the scripts do."""
        token = csrf_token(client, "/ajuda/procedimento")
        return client.post(path, json=dict(body), headers={"X-CSRFToken": token})

    @staticmethod
    def reset_limits() -> None:
        """Forget what was counted by address."""
        limiter.reset()


def csrf_token(client: FlaskClient, path: str) -> str:
    """The token of a page's head."""
    return client.get(path).get_data(as_text=True).split('name="csrf-token" content="')[1].split('"')[0]


def build(**changes: Any) -> SampleGateway:
    """A gateway whose services answer with samples."""
    caller, accounts, ledger, objects = FakeCaller(), MemoryAccounts(), ListLedger(), MemoryObjectStore()
    for account in staff():
        accounts.add(account)
    objects.put("attachments", "rg.png", samples.PNG, "image/png")
    objects.put("videos", "video.mp4", bytes(range(250)) * 4, "video/mp4")
    objects.put("videos", "video.mkv", bytes(1000), "video/x-matroska")
    objects.put("terms", "term.pdf", b"%PDF-1.7 term", "application/pdf")
    answer_with_samples(caller)
    letters = MemoryDeadLetters(samples.dead_letters())
    app = create_app(Parts(settings(**changes), caller, accounts, ledger, objects, letters))
    return SampleGateway(app, caller, accounts, ledger, objects, letters)


def answer_with_samples(caller: FakeCaller) -> None:
    """Answers of all services."""
    stored = {each["emission_id"]: each for each in samples.emissions().values()}

    def one(data: dict[str, Any], _actor: Actor) -> dict[str, Any]:
        if data["emission_id"] not in stored:
            raise NotFound("no such emission")
        return stored[data["emission_id"]]

    def conference_of(data: dict[str, Any], actor: Actor) -> dict[str, Any]:
        found = one(data, actor)
        if found["conference_id"] is None:
            raise NotFound("no conference")
        return samples.conference(found)

    def by_id(data: dict[str, Any], _actor: Actor) -> dict[str, Any]:
        found = next(each for each in stored.values() if each["conference_id"] == data["conference_id"])
        return samples.conference(found)

    def videos(data: dict[str, Any], actor: Actor) -> dict[str, Any]:
        found = one(data, actor)
        return {"videos": [samples.video(found)] if found["video"] != "none" else []}

    def listed(data: dict[str, Any], _actor: Actor) -> dict[str, Any]:
        office = data["office_id"]
        return {"emissions": [each for each in stored.values() if office in (None, each["office_id"])]}

    caller.answers.update(
        {
            certification.GET_EMISSION: one,
            certification.LIST_EMISSIONS: listed,
            certification.LIST_STUCK: lambda _d, _a: samples.stuck(),
            certification.GET_HISTORY: lambda data, actor: samples.history(one(data, actor), data["up_to"]),
            certification.GET_PERSON_CERTIFICATE: lambda _d, _a: {
                "valid": True,
                "emission_id": samples.named_id("emission-completed"),
                "not_after": samples.certificate()["not_after"],
            },
            certification.GET_DOCUMENT: _document,
            certification.NOTE_DOCUMENT_LOOK: lambda data, _actor: data,
            certification.GET_CONTACTS: lambda _d, _a: samples.contacts(),
            certification.SEND_CONTACT_CODE: lambda _d, _a: samples.contacts("sent"),
            certification.VERIFY_CONTACT: lambda _d, _a: samples.contacts("verified"),
            certification.START_EMISSION: lambda _d, _a: stored[samples.named_id("emission-started")],
            conference.GET_CONFERENCE: conference_of,
            conference.START_CONFERENCE: by_id,
            conference.START_RECORDING: by_id,
            conference.TICK_CHECKLIST: by_id,
            conference.END_CONFERENCE: by_id,
            conference.ADMIT_PARTICIPANT: by_id,
            conference.REFUSE_ADMISSION: by_id,
            conference.EJECT_PARTICIPANT: by_id,
            conference.REQUEST_ADMISSION: _request_admission,
            media.GET_VIDEOS: videos,
            notify.GET_MESSAGES: lambda _d, _a: {"messages": []},
            conference.GET_JOIN_LINK: _join_link,
            certification.GET_HOLDER_LINK: lambda _d, _a: {
                "step": "data",
                "office_name": samples.OFFICE["office_name"],
                "tries_left": 3,
                "expires_at": samples.NOW,
            },
            certification.RENEW_LINK: lambda _d, _a: {"accepted": True},
            certification.GET_SPOKEN_WORDS: lambda _d, _a: {"words": "maçã lua"},
            certification.SHOW_LINK: lambda _d, _a: {
                "link": "https://titular.example/certificado/#token",
                "expires_at": samples.NOW,
            },
            certification.VERIFY_HOLDER_DATA: lambda _d, _a: {
                "channel": "sms",
                "address_masked": "(19) *****-5678",
                "expires_at": samples.NOW,
                "sends_left": 2,
            },
        }
    )
    for operation in (
        certification.ATTEST_IDENTIFICATION,
        certification.CONFIRM_DATA,
        certification.INVITE_HOLDER,
        certification.REFUSE_EMISSION,
        certification.MARK_INCONCLUSIVE,
        certification.RETRY_IDENTIFICATION,
        certification.CANCEL_EMISSION,
        certification.REVOKE_CERTIFICATE,
    ):
        caller.answers[operation] = one
    _answer_authority(caller, stored[samples.named_id("emission-completed")])
    _answer_registry(caller)


def _answer_authority(caller: FakeCaller, known: dict[str, Any]) -> None:
    def found(data: dict[str, Any], _actor: Actor) -> dict[str, Any]:
        if data["wanted"] == "unknown":
            raise NotFound("no such certificate")
        return known

    def used(data: dict[str, Any], _actor: Actor) -> dict[str, Any]:
        return {"uses": [] if data["before"] else authority_samples.uses()}

    caller.answers[certification.GET_AUTHORITY_STATE] = lambda _d, _a: authority_samples.state()
    caller.answers[certification.LIST_KEY_USES] = used
    caller.answers[certification.FIND_CERTIFICATE] = found


def _document(data: dict[str, Any], _actor: Actor) -> dict[str, Any]:
    if data["kind"] == "term":
        stored = {"bucket": "terms", "key": "term.pdf", "size": 13, "sha256": "34" * 32, "content_type": "application/pdf"}
        return {"kind": "term", "filename": "termo.pdf", "object": stored, "text": None}
    return {"kind": data["kind"], "filename": f"{data['kind']}.pem", "object": None, "text": "-----BEGIN CERTIFICATE-----\n"}


def _join_link(data: dict[str, Any], _actor: Actor) -> dict[str, Any]:
    if data["token"] != "good":
        raise LinkUnusable("no such link", reason="unknown")
    return {
        "conference_id": "c",
        "emission_id": "e",
        "office_name": samples.OFFICE["office_name"],
        "state": "open",
        "recording": "off",
        "clerk_present": False,
        "admission_state": None,
    }


def _request_admission(data: dict[str, Any], actor: Actor) -> dict[str, Any]:
    return {**_join_link(data, actor), "admission": "1a2b3c.seal", "admission_state": "waiting"}


def _answer_registry(caller: FakeCaller) -> None:
    def find(data: dict[str, Any], _actor: Actor) -> dict[str, Any]:
        digits = "".join(character for character in data["cpf"] if character.isdigit())
        if digits not in (samples.CPF, samples.UNREGISTERED_CPF, samples.BLOCKED_CPF):
            raise InvalidInput("check digits", field="cpf", reason="check_digits")
        if digits == samples.UNREGISTERED_CPF:
            return {"cpf": digits, "person_id": None, "block": None, "registrations": []}
        other = samples.registration_summary(registration_id=samples.OTHER_REGISTRATION, **samples.OTHER_OFFICE)
        block = {"reason": "fraud", "note": "Boletim de ocorrência 123/2026", "since": samples.NOW}
        listed = [samples.registration_summary(), other]
        blocked = block if digits == samples.BLOCKED_CPF else None
        return {"cpf": digits, "person_id": samples.PERSON, "block": blocked, "registrations": listed}

    def get(data: dict[str, Any], _actor: Actor) -> dict[str, Any]:
        if data["registration_id"] == samples.OTHER_REGISTRATION:
            return samples.registration(registration_id=samples.OTHER_REGISTRATION, **samples.OTHER_OFFICE)
        if data["registration_id"] != samples.OWN_REGISTRATION:
            raise NotFound("no such registration")
        return samples.registration(version=data["version"] or 3)

    reference = {"person_id": samples.PERSON, "registration_id": samples.OWN_REGISTRATION, "version": 4}
    caller.answers.update(
        {
            registry.FIND_PERSON: find,
            registry.GET_REGISTRATION: get,
            registry.GET_ATTACHMENT: lambda _d, _a: samples.attachment(),
            registry.NOTE_LOOK: lambda _d, _a: {"counted": True},
            registry.LIST_LOOKS: lambda _d, _a: {"looks": [samples.look()]},
            registry.REGISTER_PERSON: lambda _d, _a: reference,
            registry.UPDATE_REGISTRATION: lambda _d, _a: reference,
            registry.ADD_ATTACHMENT: lambda _d, _a: {"attachment": samples.attachment(), "version": 4},
            registry.BLOCK_PERSON: find,
            registry.UNBLOCK_PERSON: find,
        }
    )


def main() -> None:
    """Serve the samples on the port given as the only argument."""
    port = int(sys.argv[1]) if len(sys.argv) > 1 else 8000
    gateway = build(public_url=f"http://localhost:{port}", streams_url=f"http://localhost:{port}/no-streams")
    gateway.app.run("127.0.0.1", port, threaded=True)


if __name__ == "__main__":
    main()
