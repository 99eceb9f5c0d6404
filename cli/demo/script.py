"""The demonstration: the 24 steps of the procedure, each timed, in two browsers."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser

from cli.console import console
from cli.demo import artefacts, checks
from cli.demo.browsers import Album, desktop, phone
from cli.demo.clerk import ClerkPages
from cli.demo.holder import HolderPhone, HolderRoom
from cli.demo.inbox import Inbox
from cli.demo.person import SamplePerson
from cli.demo.site import Site

LINK = r"(http\S+/certificado/#\S+)"
CODE = r"(?m)^\s*(\d{6})\b"


@dataclass(slots=True)
class Timings:
    """Seconds by step, in order."""

    steps: list[tuple[str, str, float]] = field(default_factory=list)

    @contextlib.contextmanager
    def step(self, number: str, text: str) -> Iterator[None]:
        """Time a step and say so."""
        begun = time.monotonic()
        yield
        seconds = time.monotonic() - begun
        self.steps.append((number, text, seconds))
        console.print(f"  {number:>5}  {text:<74} {seconds:6.1f} s", markup=False)


@dataclass(frozen=True, slots=True)
class Result:
    """What the demonstration leaves behind."""

    emission_id: str
    folder: Path
    timings: Timings
    checks: list[checks.Check]
    figures: dict[str, float]


class Demonstration:
    """One emission from the look-up to the signed term."""

    def __init__(self, browser: Browser, site: Site, person: SamplePerson, record_seconds: float) -> None:
        self.site = site
        self.person = person
        self.record_seconds = record_seconds
        self.timings = Timings()
        self.inbox = Inbox(site.inbox_url, site.authority)
        self.computer = desktop(browser)
        self.mobile = phone(browser)
        self.clerk = ClerkPages(self.computer.new_page(), site.public_url)
        self.emission_id = ""
        self.link = ""
        self.album = Album(site.folder / "latest" / "screenshots")

    def run(self) -> Result:
        """All steps, then the artefacts and their checks."""
        self.register()
        self.open_emission()
        self.meet()
        self.end()
        self.certify()
        folder = self.site.folder / self.emission_id
        self._keep_pictures(folder)
        recorded = self._fetch(folder)
        found = checks.run_all(folder, recorded)
        self.computer.close()
        self.mobile.close()
        return Result(self.emission_id, folder, self.timings, found, {"recorded_seconds": recorded})

    def register(self) -> None:
        """Steps 1 to 3."""
        step, clerk, page = self.timings.step, self.clerk, self.clerk.page
        with step("", "Sign in"):
            clerk.sign_in(self.site.user, self.site.password)
        with step("1", "Look the CPF up"):
            clerk.look_up(self.person.cpf)
        self.album.take(page, "consulta")
        with step("2", "Cadastrar pessoa: the form, the document's image, the face"):
            clerk.register(self.person)
            self.album.take(page, "cadastro")
            clerk.save_registration(self.person)
        with step("3", "Look up again and click the name"):
            clerk.look_up(self.person.cpf)
            self.album.take(page, "pessoa")
            clerk.open_registration(self.person.name)
        self.album.take(page, "detalhe")

    def open_emission(self) -> None:
        """Steps 4 to 7."""
        step, clerk, page = self.timings.step, self.clerk, self.clerk.page
        with step("4", "Certificação"):
            clerk.open_certification()
        self.album.take(page, "certificacao")
        with step("5", "Emitir certificado remotamente"):
            clerk.choose_remote()
        self.album.take(page, "confirmacao")
        with step("6", "Confirm the person's data, Iniciar"):
            self.emission_id = clerk.start_emission()
        with step("7", "Copiar link de acesso"):
            self.link = clerk.copy_link()
        self.album.take(page, "link")

    def meet(self) -> None:
        """Steps 8 to 14."""
        step, clerk, page = self.timings.step, self.clerk, self.clerk.page
        with step("8", "Entrar na conferência"):
            clerk.enter_room()
        with step("9", "Iniciar conferência"):
            clerk.start_conference()
        self.album.take(page, "sala")
        holder = HolderRoom(self.mobile.new_page())
        first_name = self.person.name.split(maxsplit=1)[0]
        with step("10", "The holder opens the link on the phone and asks to come in"):
            holder.open(self.link)
            self.album.take(holder.page, "titular-entrada")
            holder.join(first_name)
            holder.waits()
            clerk.sees_waiting(first_name)
        self.album.take(holder.page, "titular-espera")
        self.album.take(page, "espera")
        with step("", "Admitir: the holder comes in"):
            clerk.admit(first_name)
            clerk.sees_the_other()
            holder.sees_the_other()
        self.album.take(holder.page, "titular-sala")
        with step("11", "Iniciar gravação"):
            clerk.start_recording()
        with step("12", "The recording light is on: media is on disk"):
            clerk.recording_is_on()
        recording = time.monotonic()
        with step("", "The checklist: each tick is a moment of the video"):
            clerk.tick_checklist()
        self.album.take(page, "gravando")
        with step("13", "Registration data beside the picture"):
            clerk.toggle_registration_panel()
            self.album.take(page, "dados")
            clerk.toggle_registration_panel()
        with step("14", "Share the screen, and stop"):
            clerk.share_screen()
            holder.page.wait_for_function("() => document.querySelector('#screen-video').videoWidth > 0")
            self.album.take(holder.page, "titular-tela")
            clerk.share_screen()
        with step("", f"Identification goes on (about {self.record_seconds:.0f} s are recorded)"):
            page.wait_for_timeout(max(0.0, self.record_seconds - (time.monotonic() - recording) - 2.5) * 1000)
        self._leave_and_return(holder)

    def _leave_and_return(self, holder: HolderRoom) -> None:
        step, clerk = self.timings.step, self.clerk
        with step("15", "The hang-up symbol"):
            clerk.hang_up()
        self.album.take(clerk.page, "desligar")
        with step("16", "Sair, and come back: the recording goes on"):
            clerk.leave()
            self.album.take(clerk.page, "fora-da-sala")
            clerk.enter_room()
            clerk.recording_is_on()
            clerk.sees_the_other()
            holder.sees_the_other()

    def end(self) -> None:
        """Steps 17 to 20."""
        step, clerk, page = self.timings.step, self.clerk, self.clerk.page
        with step("17", "Encerrar conferência in the footer"):
            clerk.ask_to_end()
        self.album.take(page, "encerrar")
        with step("18", "Confirm once more"):
            clerk.confirm_end()
        with step("19", "The video is em processamento"):
            clerk.video_is("em processamento|concluído")
        self.album.take(page, "processando")
        with step("20", "The video is concluído and can be downloaded"):
            clerk.video_is("concluído")
        self.album.take(page, "concluido")
        HolderRoom(self.mobile.pages[0]).sees_the_end()
        self.mobile.pages[0].close()

    def certify(self) -> None:
        """Steps 21 to 24."""
        step, clerk, page = self.timings.step, self.clerk, self.clerk.page
        with step("21", "Continuar, with the clerk's three statements"):
            clerk.attest()
        self.album.take(page, "confirmar-dados")
        with step("22", "Confirm the data, Continuar"):
            clerk.confirm_data()
        self.album.take(page, "disparo")
        with step("23", "Send the e-mail to the holder; it arrives"):
            clerk.dispatch("email")
            link = self.inbox.newest(self.person.email, LINK)
        self.album.take(page, "aguardando")
        self._phone(link)
        with step("24", "The clerk's page says that the certificate was issued"):
            clerk.sees_completed()
        self.album.take(page, "emitido")

    def _phone(self, link: str) -> None:
        step, mobile = self.timings.step, HolderPhone(self.mobile.new_page())
        clerk_words = self.clerk.spoken_words()
        with step("", "Phone: open the link"):
            mobile.open(link)
        self.album.take(mobile.page, "celular-inicio")
        with step("", "Phone: CPF and date of birth; the code arrives by SMS"):
            mobile.identify(self.person.cpf, self.person.birth_date_typed)
            mobile.waits_for_code()
            code = self.inbox.newest(f"{self.person.mobile}@sms.localhost", CODE)
        self.album.take(mobile.page, "celular-codigo")
        with step("", "Phone: the code and the words that the clerk told"):
            mobile.enter_code(code, clerk_words)
        with step("", "Phone: the key is born, the certificate is issued and withheld"):
            mobile.create_key()
        self.album.take(mobile.page, "celular-termo")
        with step("", "Phone: the term is read and signed"):
            mobile.sign()
        self.album.take(mobile.page, "celular-pronto")

    def _fetch(self, folder: Path) -> float:
        videos = self._api(f"/api/emissions/{self.emission_id}/videos")
        listed = videos["videos"] if isinstance(videos, dict) else videos
        newest = listed[0]
        artefacts.fetch_all(self.computer.request, self.site.public_url, self.emission_id, newest["recording_id"], folder)
        lasted = datetime.fromisoformat(newest["stopped_at"]) - datetime.fromisoformat(newest["started_at"])
        return lasted.total_seconds()

    def _api(self, path: str) -> Any:
        response = self.computer.request.get(self.site.public_url + path)
        if not response.ok:
            raise artefacts.FetchFailed(f"{path} answered {response.status}")
        return response.json()

    def _keep_pictures(self, folder: Path) -> None:
        target = folder / "screenshots"
        target.parent.mkdir(parents=True, exist_ok=True)
        (self.site.folder / "latest" / "screenshots").rename(target)
