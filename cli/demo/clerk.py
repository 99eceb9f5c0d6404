"""What a clerk does on the pages, in the order of the procedure."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from cli.demo.person import SamplePerson, document_image, face_image
from contracts.conference import CHECKLIST

SECOND = 1000


class ClerkPages:
    """A signed-in clerk's browser window."""

    def __init__(self, page: Page, public_url: str) -> None:
        self.page = page
        self.url = public_url
        page.set_default_timeout(20 * SECOND)

    def sign_in(self, user_id: str, password: str) -> None:
        """Sign in and land on the first page."""
        self.page.goto(f"{self.url}/entrar")
        self.page.fill("#user_id", user_id)
        self.page.fill("#password", password)
        self.page.click("main button[type=submit]")
        expect(self.page.locator(".account-name")).to_be_visible()

    def look_up(self, cpf: str) -> None:
        """Step 1: look the CPF up."""
        self.page.goto(f"{self.url}/")
        self.page.fill("#cpf", cpf)
        self.page.click(".search-form button[type=submit]")
        self.page.wait_for_url(re.compile(r"/pessoas/"))

    def register(self, person: SamplePerson) -> None:
        """Step 2: register the person."""
        self.page.get_by_role("link", name="Cadastrar pessoa").first.click()
        self.page.wait_for_url(re.compile(r"/cadastrar"))
        for name, value in person.fields.items():
            self.page.fill(f"[name='{name}']", value)
        for name, value in person.selections.items():
            self.page.select_option(f"[name='{name}']", value)

    def save_registration(self, person: SamplePerson) -> None:
        """Step 2, continued: save, then attach document and face."""
        self.page.click(".registration-form .sticky-actions button[type=submit]")
        expect(self.page.get_by_role("heading", name=person.name)).to_be_visible()
        self.attach("identity_document", "rg.png", document_image(person))
        self.attach("face_photo", "rosto.png", face_image())

    def attach(self, kind: str, filename: str, content: bytes) -> None:
        """Attach a file to the registration that is open."""
        self.page.select_option("#kind", kind)
        self.page.set_input_files("#file", {"name": filename, "mimeType": "image/png", "buffer": content})
        self.page.click(".attach-form button[type=submit]")
        expect(self.page.locator(".attachments", has_text=filename)).to_be_visible()

    def open_registration(self, name: str) -> None:
        """Step 3: click the person's name."""
        self.page.locator("a.row-link", has_text=name).first.click()
        expect(self.page.get_by_role("heading", name=name)).to_be_visible()

    def open_certification(self) -> None:
        """Step 4."""
        self.page.get_by_role("link", name="Certificação", exact=True).click()
        expect(self.page.get_by_role("heading", name="Certificação")).to_be_visible()

    def choose_remote(self) -> None:
        """Step 5."""
        self.page.get_by_role("link", name="Emitir certificado remotamente").click()
        self.page.wait_for_url(re.compile(r"/certificacao/remota"))

    def choose_in_person(self) -> None:
        """Step 5, at the counter."""
        self.page.get_by_role("link", name="Emitir certificado presencialmente").click()
        self.page.wait_for_url(re.compile(r"/certificacao/presencial"))

    def start_emission(self) -> str:
        """Step 6: confirm the data and start; returns the emission's id."""
        self.page.get_by_role("button", name="Iniciar", exact=True).click()
        self.page.wait_for_url(re.compile(r"/emissoes/[0-9a-f-]{36}"))
        found = re.search(r"/emissoes/([0-9a-f-]{36})", self.page.url)
        if found is None:
            raise LookupError(f"no emission in the address {self.page.url}")
        return found.group(1)

    def copy_link(self) -> str:
        """Step 7: copy the access link; returns what is on the clipboard."""
        self.page.get_by_role("button", name="Copiar link de acesso").click()
        return str(self.page.evaluate("navigator.clipboard.readText()"))

    def spoken_words(self) -> str:
        """The two words that the clerk tells the holder."""
        return self.page.locator("#spoken-words").inner_text()

    def enter_room(self) -> None:
        """Step 8: enter the virtual room (device check, then in)."""
        self.page.get_by_role("link", name="Entrar na conferência").click()
        self.join()

    def join(self) -> None:
        """Pass the device check."""
        self.page.locator("#prejoin [data-action=join]").click()
        expect(self.page.locator("#prejoin")).to_be_hidden()
        expect(self.page.locator("#local-video")).to_be_visible()

    def start_conference(self) -> None:
        """Step 9."""
        self.page.get_by_role("button", name="Iniciar conferência").click()
        expect(self.page.get_by_role("button", name="Iniciar gravação")).to_be_visible()

    def sees_the_other(self) -> None:
        """The other person's picture moves."""
        self.page.wait_for_function(
            "() => [...document.querySelectorAll('#remote-videos video')].some(v => v.videoWidth > 0 && v.currentTime > 0)"
        )

    def sees_waiting(self, name: str) -> None:
        """Step 10, continued: somebody asks to come in."""
        expect(self.page.locator(".waiting-list")).to_contain_text(name)

    def admit(self, name: str) -> None:
        """Step 10, continued: let the waiting person in."""
        self.page.get_by_role("button", name=f"Admitir {name}").click()

    def start_recording(self) -> None:
        """Step 11."""
        self.page.get_by_role("button", name="Iniciar gravação").click()

    def recording_is_on(self) -> None:
        """Step 12: the light is on."""
        expect(self.page.locator("[data-recording=on]")).to_be_visible(timeout=20 * SECOND)

    def tick_checklist(self) -> None:
        """Step 12, continued: each item, as it is said."""
        for item in CHECKLIST:
            self.page.locator(f"#tick-{item}").click()
            expect(self.page.locator(f"#tick-{item}")).to_have_attribute("aria-pressed", "true")

    def toggle_registration_panel(self) -> None:
        """Step 13."""
        self.page.locator("[data-panel='#registration-panel']").first.click()

    def share_screen(self) -> None:
        """Step 14: share the screen, or stop sharing."""
        self.page.locator("[data-action=share-screen]").click()

    def hang_up(self) -> None:
        """Step 15: the hang-up symbol."""
        self.page.locator(".btn-hang-up").click()
        expect(self.page.locator("#hang-up")).to_be_visible()

    def leave(self) -> None:
        """Step 16: Sair; the recording goes on."""
        self.page.locator("#hang-up").get_by_role("button", name="Sair").click()
        self.page.wait_for_url(re.compile(r"/emissoes/[0-9a-f-]{36}$"))

    def ask_to_end(self) -> None:
        """Step 17: Encerrar conferência in the footer."""
        self.page.locator(".room-end").click()
        expect(self.page.locator("#confirm-end")).to_be_visible()

    def confirm_end(self) -> None:
        """Step 18: once more."""
        self.page.locator("#confirm-end button[type=submit]").click()
        self.page.wait_for_url(re.compile(r"/emissoes/[0-9a-f-]{36}$"))

    def video_is(self, state: str, seconds: float = 90) -> None:
        """Steps 19 and 20: the video's state as the page shows it."""
        pill = self.page.locator("#part-video .pill", has_text=re.compile(state, re.IGNORECASE)).first
        expect(pill).to_be_visible(timeout=seconds * SECOND)

    def attest(self) -> None:
        """Step 21: the three statements, then Continuar."""
        for name in ("identity", "capacity", "free_will"):
            self.page.check(f"#{name}")
        self._go_on()
        expect(self.page.locator(".confirm-data")).to_be_visible()

    def confirm_data(self) -> None:
        """Step 22: confirm the data, then Continuar."""
        self._go_on()
        expect(self.page.locator(".channel-choice").first).to_be_visible()

    def _go_on(self) -> None:
        button = self.page.locator("#part-action").get_by_role("button", name="Continuar")
        expect(button).to_be_enabled()
        button.click()

    def dispatch(self, channel: str) -> None:
        """Step 23: by ``email`` or ``sms``."""
        self.page.locator(f".channel-choice button[value={channel}]").first.click()

    def sees_completed(self) -> None:
        """Step 24: the page says that the certificate was issued."""
        expect(self.page.locator(".success-title")).to_be_visible(timeout=60 * SECOND)
