"""The whole product, started once, and browsers on it."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext

from chassis.callers import PooledCaller
from cli.demo.browsers import chromium, desktop, phone
from cli.demo.clerk import ClerkPages
from cli.demo.inbox import Inbox
from cli.running import Running, started


@pytest.fixture(scope="package")
def product(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """Everything that `titular up` starts."""
    with started(tmp_path_factory.mktemp("product"), quiet=True) as running:
        yield running


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """A real Chromium with a fake camera and microphone."""
    with chromium() as running:
        yield running


@pytest.fixture(scope="package")
def ask(product: Running) -> Iterator[PooledCaller]:
    """The services, asked directly."""
    caller = PooledCaller(product.configuration.broker_url, size=2)
    yield caller
    caller.close()


@pytest.fixture
def inbox(product: Running) -> Inbox:
    """What arrives by e-mail and SMS."""
    return Inbox(product.configuration.inbox_url)


@pytest.fixture
def computer(browser: Browser) -> Iterator[BrowserContext]:
    """A clerk's browser."""
    context = desktop(browser)
    yield context
    context.close()


@pytest.fixture
def mobile(browser: Browser) -> Iterator[BrowserContext]:
    """A holder's phone."""
    context = phone(browser)
    yield context
    context.close()


@pytest.fixture
def signed_in(product: Running, browser: Browser) -> Iterator[Callable[[str], ClerkPages]]:
    """A window of somebody of the staff, signed in."""
    contexts: list[BrowserContext] = []

    def open_window(user_id: str) -> ClerkPages:
        context = desktop(browser)
        contexts.append(context)
        clerk = ClerkPages(context.new_page(), product.configuration.public_url)
        clerk.sign_in(user_id, product.configuration.secrets["sample_password"])
        return clerk

    yield open_window
    for context in contexts:
        context.close()
