"""A sample person, complete enough for the remote path."""

from __future__ import annotations

from datetime import date
from typing import Any

from contracts.actor import Actor

CPF = "52998224725"
OTHER_CPF = "11144477735"
PNG = b"\x89PNG\r\n\x1a\n" + b"\x00" * 64
OFFICE = Actor("clerk-1", "clerk", "Ana Escrevente", "123456", "1º Tabelionato de Notas de Campinas", "127.0.0.1")
OTHER_OFFICE = Actor("clerk-2", "clerk", "Bruno Escrevente", "654321", "2º Tabelionato de Notas de Santos", "127.0.0.1")
AUDITOR = Actor("auditor-1", "auditor", "Clara Auditora")


def registration_data(**changes: Any) -> dict[str, Any]:
    """Data of a registration as the contract loads them."""
    data: dict[str, Any] = {
        "name": "Maria da Conceição Souza e Silva",
        "mother_name": "Antônia Souza",
        "birth_date": date(1956, 3, 7),
        "civil_status": "married",
        "spouse_name": "José da Silva",
        "nationality": "brasileira",
        "birthplace": "Campinas/SP",
        "profession": "professora aposentada",
        "email": "maria@example.com",
        "mobile": "19987651234",
        "home_address": {
            "postal_code": "13010000",
            "street": "Rua das Flores",
            "number": "10",
            "city": "Campinas",
            "state": "SP",
        },
        "identity_document": {
            "type": "rg",
            "number": "123456789",
            "issuer": "SSP",
            "state": "SP",
            "issued_on": date(1990, 5, 2),
        },
        "politically_exposed": False,
    }
    return {**data, **changes}
