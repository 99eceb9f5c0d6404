"""The built front end: entries by name, with their styles and imported pieces, from Vite's manifest."""

from __future__ import annotations

import functools
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from flask import Flask, url_for
from markupsafe import Markup, escape

MANIFEST = Path(__file__).parent / "static" / "built" / "manifest.json"


class Assets:
    """Reads the manifest once, and again when a new build has replaced it."""

    def __init__(self, manifest: Path = MANIFEST) -> None:
        self._manifest = manifest
        self._read_at = 0.0
        self._chunks: dict[str, Any] = {}

    def tags(self, entry: str) -> Markup:
        """The script and style tags of ``src/<entry>.ts``; nothing where the front end was not built."""
        key = f"src/{entry}.ts"
        chunks = self._current()
        if key not in chunks:
            return Markup("")
        styles = self._listed(key, "css")
        lines = [f'<link rel="stylesheet" href="{_address(style)}">' for style in styles]
        # Asked for with the entry, not only once it has been read: one way to and fro less on a slow network.
        pieces = [chunk for chunk in self._needed(key) if chunk != key]
        lines += [f'<link rel="modulepreload" href="{_address(chunks[each]["file"])}">' for each in dict.fromkeys(pieces)]
        lines.append(f'<script type="module" src="{_address(chunks[key]["file"])}"></script>')
        return Markup("\n").join(Markup(line) for line in lines)  # noqa: S704 - addresses are escaped, the rest is ours

    def addresses(self, entry: str) -> list[str]:
        """Of everything that a page with ``src/<entry>.ts`` loads: scripts, styles, fonts."""
        key = f"src/{entry}.ts"
        if key not in self._current():
            return []
        scripts = [self._current()[chunk]["file"] for chunk in self._needed(key)]
        fonts = [font for font in self._listed(key, "assets") if font.endswith(".woff2")]
        return [_address(file) for file in dict.fromkeys([*scripts, *self._listed(key, "css"), *fonts])]

    def code(self, entry: str) -> str:
        """The built script of ``src/<entry>.ts``, which imports nothing; empty where the front end was not built."""
        chunk = self._current().get(f"src/{entry}.ts")
        return (self._manifest.parent / chunk["file"]).read_text() if chunk else ""

    def _listed(self, key: str, kind: str) -> list[str]:
        """Files of a kind (css, assets) that an entry and its pieces name, each once."""
        return list(dict.fromkeys(file for chunk in self._needed(key) for file in self._current()[chunk].get(kind, [])))

    def _needed(self, key: str) -> Iterator[str]:
        yield key
        for imported in self._current()[key].get("imports", []):
            yield from self._needed(imported)

    def _current(self) -> dict[str, Any]:
        if not self._manifest.exists():
            return {}
        changed = self._manifest.stat().st_mtime
        if changed != self._read_at:
            self._chunks = json.loads(self._manifest.read_text())
            self._read_at = changed
        return self._chunks


def _address(file: str) -> str:
    return str(escape(url_for("static", filename=f"built/{file}")))


@functools.cache
def built() -> Assets:
    """The front end that this process serves."""
    return Assets()


def init_app(app: Flask) -> None:
    """Give templates ``assets(entry)`` and ``icon(name)``."""
    app.jinja_env.globals.update(assets=built().tags, icon=icon)
    app.config["SEND_FILE_MAX_AGE_DEFAULT"] = 3600


def icon(name: str, label: str | None = None) -> Markup:
    """One icon of the sprite: decorative, or named by ``label`` where it stands alone."""
    address = f"{_address('icons.svg')}#{escape(name)}"
    shown = Markup('role="img" aria-label="{}"').format(label) if label else Markup('aria-hidden="true"')
    return Markup('<svg class="icon" {}><use href="{}"></use></svg>').format(shown, address)
