"""The built front end: entries by name, with their styles and imported pieces, from Vite's manifest."""

from __future__ import annotations

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
        styles = dict.fromkeys(style for chunk in self._needed(key) for style in chunks[chunk].get("css", []))
        lines = [f'<link rel="stylesheet" href="{_address(style)}">' for style in styles]
        lines.append(f'<script type="module" src="{_address(chunks[key]["file"])}"></script>')
        return Markup("\n").join(Markup(line) for line in lines)  # noqa: S704 - addresses are escaped, the rest is ours

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


def init_app(app: Flask) -> None:
    """Give templates ``assets(entry)`` and ``icon(name)``."""
    app.jinja_env.globals.update(assets=Assets().tags, icon=icon)
    app.config["SEND_FILE_MAX_AGE_DEFAULT"] = 3600


def icon(name: str, label: str | None = None) -> Markup:
    """One icon of the sprite: decorative, or named by ``label`` where it stands alone."""
    address = f"{_address('icons.svg')}#{escape(name)}"
    shown = Markup('role="img" aria-label="{}"').format(label) if label else Markup('aria-hidden="true"')
    return Markup('<svg class="icon" {}><use href="{}"></use></svg>').format(shown, address)
