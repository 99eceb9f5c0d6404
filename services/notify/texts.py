"""The texts of messages, from the templates beside this file."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

BRASILIA = ZoneInfo("America/Sao_Paulo")
TEMPLATES = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"),
    undefined=StrictUndefined,
    autoescape=select_autoescape(["html"]),
    trim_blocks=True,
    lstrip_blocks=True,
)


def _local(moment: datetime) -> str:
    return moment.astimezone(BRASILIA).strftime("%d/%m/%Y às %H:%M")


TEMPLATES.filters["local"] = _local


def render(name: str, message: Mapping[str, Any]) -> str:
    """One text. ``name``: purpose_channel with its ending, such as ``invitation_email.html``."""
    first_name = str(message["holder_name"]).split()[0]
    office = message.get("office_name") or "Cartório"
    return TEMPLATES.get_template(name).render({**message, "first_name": first_name, "office_name": office}).strip()
