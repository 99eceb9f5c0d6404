"""Values of the term as a Brazilian reader expects them."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

MONTHS = (
    *("janeiro", "fevereiro", "março", "abril", "maio", "junho"),
    *("julho", "agosto", "setembro", "outubro", "novembro", "dezembro"),
)
DOCUMENT_TYPES = {
    "rg": "RG",
    "cnh": "CNH",
    "passport": "Passaporte",
    "rne": "RNE",
    "professional": "Carteira profissional",
}


def cpf_text(cpf: str) -> str:
    """``529.982.247-25``."""
    return f"{cpf[:3]}.{cpf[3:6]}.{cpf[6:9]}-{cpf[9:]}"


def day_text(day: str) -> str:
    """An ISO date as ``07/03/1985``."""
    return f"{date.fromisoformat(day):%d/%m/%Y}"


def moment_text(moment: str | None, zone: ZoneInfo) -> str:
    """An ISO moment as ``22/11/2026 às 10:01:12 (UTC-03:00)``."""
    if moment is None:
        return "não consta"
    local = datetime.fromisoformat(moment).astimezone(zone)
    offset = f"{local:%z}"
    return f"{local:%d/%m/%Y} às {local:%H:%M:%S} (UTC{offset[:3]}:{offset[3:]})"


def long_day_text(moment: str, zone: ZoneInfo) -> str:
    """An ISO moment as ``22 de novembro de 2026``."""
    local = datetime.fromisoformat(moment).astimezone(zone)
    return f"{local.day} de {MONTHS[local.month - 1]} de {local.year}"


def mobile_text(number: str) -> str:
    """``(11) 98765-4321``, with the country code in front where there is one."""
    country, national = ("+55 ", number[2:]) if len(number) > 11 and number.startswith("55") else ("", number)
    if len(national) < 10:
        return number
    return f"{country}({national[:2]}) {national[2:-4]}-{national[-4:]}"


def document_text(document: dict[str, Any] | None) -> str:
    """``RG 12.345.678-9, SSP/SP``."""
    if not document:
        return "não consta"
    issuer = "/".join(part for part in (document.get("issuer"), document.get("state")) if part)
    title = f"{DOCUMENT_TYPES.get(document['type'], document['type'])} {document['number']}"
    return f"{title}, {issuer}" if issuer else title
