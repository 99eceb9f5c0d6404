"""Chromium with a fake camera and microphone, a desktop for the clerk and a phone for the holder."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

from playwright.sync_api import Browser, BrowserContext, Page, Playwright, expect, sync_playwright

CHROMIUM = "/usr/bin/chromium"
FLAGS = (
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--autoplay-policy=no-user-gesture-required"),
    *("--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"),
    # Nothing but the product is asked for anything.
    *("--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-default-apps"),
    *("--disable-domain-reliability", "--disable-features=WebRtcHideLocalIpsWithMdns,OptimizationHints,MediaRouter"),
    # Both pages stay awake although only one can be in front.
    *("--disable-background-timer-throttling", "--disable-renderer-backgrounding", "--disable-backgrounding-occluded-windows"),
)
PATIENCE_MILLISECONDS = 20_000
DESKTOP = {"width": 1280, "height": 800}
PHONE_AGENT = "Mozilla/5.0 (Linux; Android 14; Moto G) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 Mobile Safari/537.36"
PHONE = {"width": 390, "height": 844}


@contextlib.contextmanager
def chromium(flags: tuple[str, ...] = ()) -> Iterator[Browser]:
    """A headless Chromium, with further flags."""
    expect.set_options(timeout=PATIENCE_MILLISECONDS)
    with sync_playwright() as playwright:
        browser = launch(playwright, flags)
        try:
            yield browser
        finally:
            browser.close()


def launch(playwright: Playwright, flags: tuple[str, ...] = ()) -> Browser:
    """Start Chromium."""
    return playwright.chromium.launch(executable_path=CHROMIUM, headless=True, args=[*FLAGS, *flags])


def desktop(browser: Browser) -> BrowserContext:
    """A clerk's computer."""
    return browser.new_context(
        viewport=DESKTOP,  # type: ignore[arg-type]
        locale="pt-BR",
        timezone_id="America/Sao_Paulo",
        permissions=["camera", "microphone", "clipboard-read", "clipboard-write"],
        accept_downloads=True,
    )


def phone(browser: Browser) -> BrowserContext:
    """A holder's phone."""
    return browser.new_context(
        viewport=PHONE,  # type: ignore[arg-type]
        device_scale_factor=2,
        is_mobile=True,
        has_touch=True,
        locale="pt-BR",
        timezone_id="America/Sao_Paulo",
        permissions=["camera", "microphone"],
        accept_downloads=True,
        user_agent=PHONE_AGENT,
    )


class Album:
    """Numbered screenshots in a folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._count = 0
        folder.mkdir(parents=True, exist_ok=True)

    def take(self, page: Page, name: str) -> Path:
        """One picture of what is on the screen."""
        self._count += 1
        path = self._folder / f"{self._count:02d}-{name}.png"
        page.wait_for_load_state("load")
        page.screenshot(path=path)
        return path
