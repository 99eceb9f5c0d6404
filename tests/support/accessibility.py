"""What a program can judge of a page's accessibility: axe, against WCAG 2.2 AA."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import Page

from deploy.local.process import ROOT

AXE = ROOT / "gateway" / "frontend" / "node_modules" / "axe-core" / "axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
STILL = """async () => {
  const frame = () => new Promise(requestAnimationFrame);
  await frame();  // what a pointer that already stands there begins, it begins with the next frames
  await frame();
  const ending = document.getAnimations().filter(one => one.effect.getComputedTiming().iterations !== Infinity);
  await Promise.all(ending.map(one => one.finished.catch(() => {})));
}"""


def violations(page: Page) -> list[dict[str, Any]]:
    """What axe finds once the page stands still: a colour that is on its way to another has the contrast of neither."""
    page.evaluate(STILL)
    page.evaluate(AXE.read_text())
    found: list[dict[str, Any]] = page.evaluate("rules => axe.run({ runOnly: rules, resultTypes: ['violations'] })", RULES)[
        "violations"
    ]
    return found
