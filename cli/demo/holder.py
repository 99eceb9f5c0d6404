"""What the holder does: joins the meeting by its link, then issues the certificate on the phone."""

from __future__ import annotations

from playwright.sync_api import Page, expect

SECOND = 1000


class HolderRoom:
    """The holder in the virtual room."""

    def __init__(self, page: Page) -> None:
        self.page = page
        page.set_default_timeout(20 * SECOND)

    def open(self, link: str) -> None:
        """Open the link that the clerk sent."""
        self.page.goto(link)
        expect(self.page.locator("#prejoin")).to_be_visible()

    def join(self, name: str) -> None:
        """Step 10: type the name and enter."""
        self.page.fill("#display-name", name)
        self.page.locator("#prejoin [data-action=join]").click()
        expect(self.page.locator("#prejoin")).to_be_hidden()

    def waits(self) -> None:
        """Step 10, continued: the page says that the clerk was told."""
        expect(self.page.locator("#waiting")).to_be_visible()
        expect(self.page.locator("#waiting-text")).not_to_be_empty()

    def sees_the_other(self) -> None:
        """The clerk's picture moves."""
        self.page.wait_for_function(
            "() => [...document.querySelectorAll('#remote-videos video')].some(v => v.videoWidth > 0 && v.currentTime > 0)"
        )

    def sees_the_end(self) -> None:
        """The room says that the conference has ended."""
        expect(self.page.locator("#ended")).to_be_visible(timeout=30 * SECOND)


class HolderPhone:
    """The holder's phone page."""

    def __init__(self, page: Page) -> None:
        self.page = page
        page.set_default_timeout(20 * SECOND)

    def _step(self, name: str, seconds: float = 20) -> None:
        expect(self.page.locator(f"section[data-step={name}]")).to_be_visible(timeout=seconds * SECOND)

    def open(self, link: str) -> None:
        """Open the link of the message."""
        self.page.goto(link)
        self._step("intro")

    def identify(self, cpf: str, birth_date: str) -> None:
        """CPF and date of birth."""
        if self.page.locator("[data-go=data]").is_visible():
            self.page.locator("[data-go=data]").click()
        self._step("data")
        self.page.locator("#cpf").fill("")
        self.page.locator("#cpf").press_sequentially(cpf)
        self.page.locator("#birth-date").fill("")
        self.page.locator("#birth-date").press_sequentially(birth_date)
        self.page.locator("#data-form button[type=submit]").click()

    def waits_for_code(self) -> None:
        """The code is on its way."""
        self._step("code")

    def enter_code(self, code: str, words: str) -> None:
        """The one-time code, and the words that the clerk told."""
        self.page.locator("#code").fill(code)
        self.page.locator("#words").fill(words)
        self.page.locator("#code-form button[type=submit]").click()

    def create_key(self) -> None:
        """The key is born and the certificate requested."""
        self._step("key")
        self.page.locator("#create-key").click()
        self._step("term", 45)

    def sign(self) -> None:
        """Read the term and sign it."""
        self.page.locator("#read").check()
        button = self.page.locator("#sign")
        expect(button).to_be_enabled()
        button.click()
        self._step("done", 45)

    def sees_problem(self, *words: str) -> str:
        """The page names the problem; returns its text."""
        notice = self.page.locator("#phone-problem")
        expect(notice).to_be_visible()
        text = notice.inner_text()
        for word in words:
            expect(notice).to_contain_text(word)
        return text
