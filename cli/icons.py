"""Draws the home screen's icons from ``gateway/static/icon.svg``: ``python -m cli.icons``, after that has changed."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import sync_playwright

from cli.demo.browsers import launch

STATIC = Path(__file__).parent.parent / "gateway" / "static"
PETROL = "#0b4a5e"
# Name, pixels, and the part of the width that is drawn: a maskable icon is cut to a circle of 80 % (W3C App Manifest).
ICONS = (("icon-192.png", 192, 1.0), ("icon-512.png", 512, 1.0), ("icon-maskable-512.png", 512, 0.72))


def draw(folder: Path = STATIC) -> None:
    """Write the PNG files beside the SVG."""
    svg = (STATIC / "icon.svg").read_text()
    with sync_playwright() as playwright:
        browser = launch(playwright)
        for name, size, part in ICONS:
            page = browser.new_page(viewport={"width": size, "height": size})
            ground = "transparent" if part == 1 else PETROL
            inner, edge = size * part, size * (1 - part) / 2
            style = f"html{{background:{ground}}}body{{margin:{edge}px}}svg{{display:block;width:{inner}px;height:{inner}px}}"
            page.set_content(f"<style>{style}</style>{svg}")
            page.screenshot(path=folder / name, omit_background=True)
        browser.close()


if __name__ == "__main__":
    draw()
