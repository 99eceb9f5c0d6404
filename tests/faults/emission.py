"""One emission from the look-up to the signed term, by the gateway's API and the phone's protocol."""

from __future__ import annotations

import base64
import random
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import requests
from cryptography.hazmat.primitives.asymmetric import ec

from cli.demo.person import SamplePerson, document_image, face_image, new_person
from cli.demo.script import CODE, LINK
from tests.faults.office import Client, GaveUp, Refused
from tests.faults.receiver import Receiver
from tests.faults.room import Guest, Recording
from tests.support.holder import new_key, request_of, sign

WAIT_SECONDS = 180.0
LOOK_SECONDS = 0.3
RECORDED_SECONDS = 4.0
Ending = Literal["completed", "refused", "cancelled"]
Mode = Literal["remote", "in_person"]


@dataclass(frozen=True, slots=True)
class World:
    """What an emission meets."""

    url: str
    sfu_url: str
    recordings: Path
    receiver: Receiver


@dataclass
class Story:
    """One emission as it was told by the answers: what must be found in the stores afterwards."""

    number: int
    mode: Mode
    ending: Ending
    channel: Literal["email", "sms"]
    wrong_code: bool
    person: SamplePerson
    emission_id: str = ""
    registration_id: str = ""
    words: str = ""
    packets: dict[str, int] = field(default_factory=dict)
    state: str = ""
    trouble: str = ""
    begun: float = 0.0
    seconds: float = 0.0

    @property
    def told(self) -> bool:
        """Whether it came to its end."""
        return self.state == self.ending


def make_story(number: int, seed: int) -> Story:
    """The same for the same seed: every third is remote, some are refused or cancelled, some mistype the code."""
    chance = random.Random(f"{seed}/{number}")
    ending: Ending = "refused" if number % 12 == 5 else "cancelled" if number % 12 == 11 else "completed"
    mode: Mode = "remote" if number % 3 == 1 else "in_person"
    channel: Literal["email", "sms"] = "sms" if chance.random() < 0.3 else "email"
    return Story(number, mode, ending, channel, chance.random() < 0.1, new_person(seed * 100_000 + number))


def tell(story: Story, clerk: Client, phone: Client, world: World) -> None:
    """Go the whole way; what stops it is kept in ``story.trouble``."""
    story.begun = time.monotonic()
    try:
        register(story, clerk)
        start(story, clerk)
        if story.mode == "remote":
            meet(story, clerk, phone, world)
        if story.ending == "completed":
            confirm_and_invite(story, clerk)
            certify(story, phone, world)
        else:
            command = {"refused": "refuse", "cancelled": "cancel"}[story.ending]
            clerk.post(f"{_emission(story)}/{command}", {"reason": "a pessoa desistiu"})
        story.state = str(_seen(clerk, _emission(story))["state"])
    except (Refused, GaveUp, TimeoutError, KeyError) as error:
        story.trouble = f"{type(error).__name__}: {error}"
    story.seconds = time.monotonic() - story.begun


def _emission(story: Story) -> str:
    return f"/api/emissions/{story.emission_id}"


def _seen(client: Client, path: str) -> dict[str, Any]:
    found = client.get(path)
    if found is None:
        raise KeyError(path)
    return found


def register(story: Story, clerk: Client) -> None:
    """The clerk looks the person up and registers them; remote ones with document and face."""
    person = story.person
    clerk.post("/api/people/lookup", {"cpf": person.cpf})
    data: dict[str, Any] = {}
    for name, value in {**person.fields, **person.selections}.items():
        group, _, inner = name.rpartition(".")
        (data.setdefault(group, {}) if group else data)[inner] = value
    registered = clerk.post("/api/registrations", {"cpf": person.cpf, "data": {**data, "politically_exposed": False}})
    story.registration_id = registered["registration_id"]
    if story.mode == "remote":
        path = f"/api/registrations/{story.registration_id}/attachments"
        clerk.upload(path, "identity_document", "documento.png", document_image(person))
        clerk.upload(path, "face_photo", "rosto.png", face_image())


def start(story: Story, clerk: Client) -> None:
    """The clerk starts the emission."""
    body = {"registration_id": story.registration_id, "mode": story.mode}
    story.emission_id = clerk.post("/api/emissions", body)["emission_id"]


def meet(story: Story, clerk: Client, holder: Client, world: World) -> None:
    """Both meet in the room, and are recorded."""
    path = f"{_emission(story)}/conference"
    _until(lambda: clerk.get(path, tolerated=(404,)), "the conference")
    token = _seen(clerk, f"{path}/link")["link"].partition("#")[2]
    clerk.post(f"{path}/start")
    holder.open_page("/videoconferencia/")
    admission = _admitted(path, token, clerk, holder)
    clerk_id, holder_id, room = _enter(path, (token, admission), clerk, holder, world)
    recording = Recording(world.recordings / room, clerk_id, holder_id)
    clerk.post(f"{path}/record")
    recording.start()
    try:
        _until(lambda: _seen(clerk, path)["recording"] == "on", "the recording light")
        _until(lambda: recording.seconds > RECORDED_SECONDS, "the meeting's end")
    finally:
        story.packets = recording.stop()
    clerk.post(f"{path}/end")


def _admitted(path: str, token: str, clerk: Client, holder: Client) -> str:
    """The holder asks to come in and the clerk admits; returns the browser's proof. Of lost answers the last request counts."""
    asked = holder.post("/videoconferencia/api/pedir", {"token": token, "display_name": "Maria"})
    waiting = _seen(clerk, path)["admissions"][-1]
    clerk.post(f"{path}/admit", {"admission_id": waiting["admission_id"]})
    return str(asked["admission"])


def _enter(path: str, proof: tuple[str, str], clerk: Client, holder: Client, world: World) -> tuple[str, str, str]:
    """Both come in; whoever the room has lost (with its SFU) comes in again, as a browser does."""
    deadline = time.monotonic() + WAIT_SECONDS
    clerk_id: str | None = None
    holder_id: str | None = None
    shown = {"token": proof[0], "admission": proof[1], "display_name": "Maria"}
    while time.monotonic() < deadline:
        accesses = (
            clerk.post(f"{path}/join", {"display_name": "Ana", "participant_id": clerk_id}),
            holder.post("/videoconferencia/api/entrar", {**shown, "participant_id": holder_id}),
        )
        clerk_id, holder_id = accesses[0]["participant_id"], accesses[1]["participant_id"]
        try:
            for access in accesses:
                Guest(world.sfu_url, access).enter()
            _until(lambda: len(_present(clerk, path)) == 2, "both to be seen in the room", 10)
        except (requests.RequestException, KeyError, TimeoutError):
            continue
        return str(clerk_id), str(holder_id), str(accesses[0]["room"])
    raise TimeoutError("both never were in the room")


def _present(clerk: Client, path: str) -> set[str]:
    return {one["role"] for one in _seen(clerk, path)["participants"] if one["present"]}


def confirm_and_invite(story: Story, clerk: Client) -> None:
    """The clerk attests the identification, confirms the data and sends for the holder."""
    path = _emission(story)
    _until(lambda: "attest_identification" in _seen(clerk, path)["allowed"], "the identification's end")
    clerk.post(f"{path}/attest-identification", {"identity": True, "capacity": True, "free_will": True})
    version = _seen(clerk, f"/api/registrations/{story.registration_id}")["current_version"]
    clerk.post(f"{path}/confirm-data", {"registration_version": version})
    clerk.post(f"{path}/invite-holder", {"channel": story.channel})
    story.words = str(_seen(clerk, f"{path}/spoken-words")["words"])


def certify(story: Story, phone: Client, world: World) -> None:
    """As the phone's page does, with a real key that checks what it signs."""
    addresses = (story.person.email, f"{story.person.mobile}@sms.localhost")
    by_link, by_code = addresses if story.channel == "email" else addresses[::-1]
    token = world.receiver.newest(by_link, LINK, WAIT_SECONDS).partition("#")[2]
    api = "/certificado/api"
    phone.open_page("/certificado/")
    phone.post(f"{api}/link", {"token": token})
    phone.post(f"{api}/dados", {"token": token, "cpf": story.person.cpf, "birth_date": story.person.birth_date})
    code = world.receiver.newest(by_code, CODE, WAIT_SECONDS)
    if story.wrong_code:
        _mistype(phone, api, token, code, story.words)
    opened = phone.post(f"{api}/codigo", {"token": token, "code": code, "words": story.words})
    session, key = {"holder_session": opened["holder_session"]}, new_key()
    csr = base64.b64encode(request_of(key, opened["nonce"])).decode()
    term = phone.post(f"{api}/solicitacao", {**session, "csr": csr})
    _sign(phone, api, session, term, key)
    phone.post(f"{api}/resultado", session)


def _mistype(phone: Client, api: str, token: str, code: str, words: str) -> None:
    wrong = "000000" if code != "000000" else "111111"
    try:
        phone.post(f"{api}/codigo", {"token": token, "code": wrong, "words": words})
    except Refused as refusal:
        if refusal.status != 422:
            raise


def _sign(phone: Client, api: str, session: dict[str, str], term: dict[str, Any], key: ec.EllipticCurvePrivateKey) -> None:
    phone.post(f"{api}/assinatura", {**session, "signature": sign(term, key)})


def _until(condition: Any, what: str, seconds: float = WAIT_SECONDS) -> Any:
    """Look until there is something; there is nothing to be waited upon through the API."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        found = condition()
        if found:
            return found
        time.sleep(LOOK_SECONDS)
    raise TimeoutError(f"{what}: not within {seconds:.0f} s")
