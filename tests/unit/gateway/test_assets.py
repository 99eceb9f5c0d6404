"""The built front end, by a manifest as Vite writes it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from gateway.assets import Assets
from tests.support.sample_gateway import SampleGateway

MANIFEST = {
    "_shared.js": {"file": "assets/shared-1.js", "css": ["assets/main-1.css"], "assets": ["assets/a-1.woff2", "assets/a-1.woff"]},
    "_deep.js": {"file": "assets/deep-1.js"},
    "src/phone.ts": {"file": "assets/phone-1.js", "imports": ["_shared.js", "_deep.js"]},
    "src/worker.ts": {"file": "assets/worker-1.js"},
}


@pytest.fixture
def assets(tmp_path: Path, gateway: SampleGateway) -> Assets:
    (tmp_path / "assets").mkdir()
    (tmp_path / "assets/worker-1.js").write_text("work();")
    manifest = tmp_path / "manifest.json"
    manifest.write_text(json.dumps(MANIFEST))
    return Assets(manifest)


def test_a_page_asks_for_the_pieces_together_with_the_script(assets: Assets, gateway: SampleGateway) -> None:
    with gateway.app.test_request_context():
        assert str(assets.tags("phone")).splitlines() == [
            '<link rel="stylesheet" href="/static/built/assets/main-1.css">',
            '<link rel="modulepreload" href="/static/built/assets/shared-1.js">',
            '<link rel="modulepreload" href="/static/built/assets/deep-1.js">',
            '<script type="module" src="/static/built/assets/phone-1.js"></script>',
        ]


def test_what_a_page_loads_is_listed_once_without_the_fonts_of_older_browsers(assets: Assets, gateway: SampleGateway) -> None:
    with gateway.app.test_request_context():
        names = [address.rpartition("/")[2] for address in assets.addresses("phone")]
    assert names == ["phone-1.js", "shared-1.js", "deep-1.js", "main-1.css", "a-1.woff2"]


def test_the_workers_script_is_read_as_it_was_built(assets: Assets) -> None:
    assert assets.code("worker") == "work();"


def test_where_nothing_was_built_there_is_nothing_to_load(tmp_path: Path, gateway: SampleGateway) -> None:
    nothing = Assets(tmp_path / "manifest.json")
    with gateway.app.test_request_context():
        assert (str(nothing.tags("phone")), nothing.addresses("phone"), nothing.code("worker")) == ("", [], "")


def test_where_nothing_was_built_there_is_no_worker(gateway: SampleGateway, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Assets, "code", lambda _self, _entry: "")
    assert gateway.client().get("/certificado/service-worker.js").status_code == 404
