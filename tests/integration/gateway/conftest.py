"""The sample gateway behind a real server, and browsers on it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page
from werkzeug.serving import make_server

from deploy.local.process import free_ports
from gateway.assets import MANIFEST
from tests.support.browsers import chromium
from tests.support.engines import Broker, Documents, Sfu
from tests.support.room_pages import RoomPages, room_pages
from tests.support.rooms import Office, office, sfu_settings
from tests.support.sample_gateway import PASSWORD, SampleGateway, build
from tests.support.services import environment

PHONE = {"width": 390, "height": 844}
DESKTOP = {"width": 1280, "height": 800}


@dataclass(frozen=True, slots=True)
class Site:
    """A served gateway and a browser."""

    url: str
    gateway: SampleGateway
    browser: Browser

    def context(self, user_id: str | None = None, **options: object) -> BrowserContext:
        """A browser's window, signed in as somebody."""
        context = self.browser.new_context(**{"viewport": DESKTOP, "locale": "pt-BR", **options})  # type: ignore[arg-type]
        context.set_default_timeout(15000)
        if user_id:
            page = context.new_page()
            page.goto(f"{self.url}/entrar")
            page.fill("#user_id", user_id)
            page.fill("#password", PASSWORD)
            page.click("main button[type=submit]")
            page.wait_for_selector(".account-name")
            page.close()
        return context

    def phone(self, **options: object) -> Page:
        """A page in a phone's browser."""
        return self.context(viewport=PHONE, is_mobile=True, has_touch=True, **options).new_page()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as running:
        yield running


@pytest.fixture
def site(browser: Browser) -> Iterator[Site]:
    if not MANIFEST.exists():
        pytest.skip("the front end is not built")
    (port,) = free_ports(1)
    url = f"http://localhost:{port}"
    gateway = build(public_url=url, streams_url=url + "/streams")
    gateway.reset_limits()
    server = make_server("127.0.0.1", port, gateway.app, threaded=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    site = Site(url, gateway, browser)
    yield site
    for context in browser.contexts:
        context.close()
    server.shutdown()


@pytest.fixture(scope="module")
def clerk(broker: Broker, document_engine: Documents, sfu: Sfu, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    if not MANIFEST.exists():
        pytest.skip("the front end is not built")
    env = environment(broker, document_engine) | sfu_settings(sfu)
    with office(broker, env, tmp_path_factory.mktemp("conference")) as running:
        yield running


@pytest.fixture
def conference(clerk: Office) -> dict[str, Any]:
    return clerk.opened()


@pytest.fixture
def pages(clerk: Office, sfu: Sfu, conference: dict[str, Any], browser: Browser) -> Iterator[RoomPages]:
    with room_pages(clerk, conference, sfu.websocket_url) as served:
        yield served
        for context in browser.contexts:
            context.close()
