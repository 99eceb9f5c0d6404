"""The person of the demonstration: invented data with a valid CPF, and images made on the spot."""

from __future__ import annotations

import io
import random
from dataclasses import dataclass, field

from PIL import Image, ImageDraw
from stdnum.br import cpf as cpf_rules

FIRST_NAMES = ("Maria da Conceição", "Antônia", "José Carlos", "Francisca", "Sebastião", "Terezinha", "João Batista")
LAST_NAMES = ("Souza e Silva", "Pereira Lima", "Oliveira Santos", "Costa Ribeiro", "Almeida Prado", "Ferreira Dias")


def _new_cpf(chance: random.Random) -> str:
    while True:
        base = f"{chance.randrange(10**9):09d}"
        for check in range(100):
            candidate = f"{base}{check:02d}"
            if cpf_rules.is_valid(candidate):
                return candidate


@dataclass(frozen=True, slots=True)
class SamplePerson:
    """Somebody who has never been here."""

    cpf: str
    name: str
    birth_date: str = "1956-03-07"
    email: str = "titular@example.com"
    mobile: str = "19987651234"
    fields: dict[str, str] = field(default_factory=dict)
    selections: dict[str, str] = field(default_factory=dict)

    @property
    def birth_date_typed(self) -> str:
        """As a Brazilian types it."""
        year, month, day = self.birth_date.split("-")
        return f"{day}{month}{year}"


def new_person(seed: int | None = None) -> SamplePerson:
    """A person with a CPF that is valid and, most likely, new to the registry."""
    chance = random.Random(seed)  # noqa: S311 - sample data, not secrets
    name = f"{chance.choice(FIRST_NAMES)} {chance.choice(LAST_NAMES)}"
    number = f"{chance.randrange(10**8):08d}"
    mobile = f"199{number}"
    email = f"titular.{number}@example.com"
    fields = {
        "name": name,
        "birth_date": "1956-03-07",
        "nationality": "brasileira",
        "birthplace": "Campinas/SP",
        "mother_name": "Antônia de Souza",
        "father_name": "Manoel de Souza",
        "profession": "professora aposentada",
        "spouse_name": "Benedito da Silva",
        "email": email,
        "mobile": mobile,
        "identity_document.number": f"{chance.randrange(10**9):09d}",
        "identity_document.issuer": "SSP",
        "identity_document.issued_on": "1990-05-02",
        "home_address.postal_code": "13010000",
        "home_address.street": "Rua das Flores",
        "home_address.number": "10",
        "home_address.district": "Centro",
        "home_address.city": "Campinas",
    }
    selections = {
        "civil_status": "married",
        "identity_document.type": "rg",
        "identity_document.state": "SP",
        "home_address.state": "SP",
    }
    return SamplePerson(_new_cpf(chance), name, "1956-03-07", email, mobile, fields, selections)


def document_image(person: SamplePerson) -> bytes:
    """A picture that stands for the identity document (PNG)."""
    picture = Image.new("RGB", (860, 540), "#e9f1ea")
    draw = ImageDraw.Draw(picture)
    draw.rectangle((0, 0, 860, 70), fill="#2f6b4f")
    draw.text((24, 26), "DOCUMENTO DE AMOSTRA - SEM VALOR", fill="white", font_size=24)
    draw.rectangle((30, 110, 260, 420), fill="#c3d3c7")
    draw.ellipse((90, 150, 200, 270), fill="#8aa394")
    draw.pieslice((60, 280, 230, 480), 180, 360, fill="#8aa394")
    lines = (person.name, f"CPF {person.cpf}", f"Nascimento {person.birth_date}", "SSP/SP")
    for row, line in enumerate(lines):
        draw.text((300, 130 + row * 64), line, fill="#1c2b22", font_size=28)
    return _png(picture)


def face_image() -> bytes:
    """A picture that stands for the face (PNG)."""
    picture = Image.new("RGB", (480, 600), "#d8dee6")
    draw = ImageDraw.Draw(picture)
    draw.ellipse((140, 110, 340, 350), fill="#a9765a")
    draw.pieslice((60, 370, 420, 760), 180, 360, fill="#3d5a80")
    return _png(picture)


def _png(picture: Image.Image) -> bytes:
    target = io.BytesIO()
    picture.save(target, "PNG")
    return target.getvalue()
