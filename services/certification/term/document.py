"""The term as HTML and as PDF/A-2b (ISO 19005-2)."""

from __future__ import annotations

import html
from collections.abc import Mapping
from typing import Any
from zoneinfo import ZoneInfo

import segno

from services.certification.term.texts import (
    cpf_text,
    day_text,
    document_text,
    long_day_text,
    mobile_text,
    moment_text,
)

TITLE = "Termo de titularidade de certificado digital"
# The signature's visible box lies in the bottom margin of the last page: no text can flow into it.
SIGNATURE_BOX = (57, 56, 340, 112)
STYLE = """
@page { size: A4; margin: 17mm 20mm 44mm;
  @bottom-right { content: "Página " counter(page) " de " counter(pages); font: 8pt "Liberation Sans"; color: #555;
    vertical-align: bottom; padding-bottom: 10mm }
  @bottom-left { content: "Protocolo %(protocol)s"; font: 8pt "Liberation Sans"; color: #555; vertical-align: bottom;
    padding-bottom: 10mm } }
body { font: 10pt/1.38 "Liberation Sans"; color: #1a1a1a; hyphens: auto }
header { border-bottom: .6mm solid #1f3a5f; padding-bottom: 3mm; margin-bottom: 4mm; min-height: 25mm }
header svg { float: right; width: 25mm; height: 25mm; margin-left: 5mm }
.verify { font-size: 8.5pt; color: #444 }
h1 { font-size: 16pt; line-height: 1.2; margin: 0; color: #1f3a5f }
header p { margin: 1mm 0 0; color: #444 }
h2 { font-size: 11.5pt; margin: 5mm 0 1.5mm; color: #1f3a5f; break-after: avoid }
table { width: 100%%; table-layout: fixed; border-collapse: collapse; break-inside: avoid }
th, td { border-bottom: .2mm solid #c5cbd3; padding: 1.1mm 1.5mm; vertical-align: top; text-align: left }
th { width: 46mm; font-weight: bold; color: #333 }
.hash { font: 8pt/1.35 "Liberation Mono"; word-break: break-all }
p { text-align: justify; margin: 1.5mm 0 }
ol { margin: 1mm 0; padding-left: 5mm } li { text-align: justify; margin: .9mm 0; break-inside: avoid }
.note { font-size: 8.5pt; color: #444 }
"""
DUTIES = (
    "As informações deste termo são verdadeiras e foram por mim conferidas.",
    (
        "A chave privada foi gerada no meu próprio aparelho, não saiu dele, e somente eu a utilizo. "
        "Manterei o aparelho protegido por senha ou biometria e não cederei seu uso a terceiros."
    ),
    (
        "Pedirei imediatamente a revogação do certificado em caso de perda, roubo ou troca do aparelho, de suspeita de uso por "
        "outra pessoa ou de alteração dos meus dados. A revogação é gratuita e pode ser pedida a qualquer tempo, assim como uma "
        "nova emissão."
    ),
    "Estou ciente de que as assinaturas feitas com este certificado, enquanto ele for válido, serão atribuídas a mim.",
    (
        "Autorizo o registro da minha identificação e a guarda da gravação, dos dados do cadastro e deste termo pelo prazo "
        "exigido pelas normas aplicáveis, nos termos da Lei nº 13.709/2018 (LGPD)."
    ),
)
STAMP_STYLE = """
@page { size: %(width)spt %(height)spt; margin: 0 }
body { margin: 0; padding: 5pt 7pt; height: %(inner)spt; border: .8pt solid #1f3a5f; border-radius: 3pt;
  font: 7.5pt/1.3 "Liberation Sans"; color: #1a1a1a; overflow: hidden }
b { display: block; font-size: 9pt; white-space: nowrap } span { display: block; font: 6.8pt "Liberation Mono" }
"""
Row = tuple[str, str, bool]


def term_html(contents: Mapping[str, Any], zone: ZoneInfo) -> str:
    """The whole document."""
    office = contents["office"]["name"] or f"Cartório {contents['office']['id']}"
    duties = "".join(f"<li>{html.escape(duty)}</li>" for duty in DUTIES)
    return f"""<!doctype html><html lang="pt-BR"><head><meta charset="utf-8"><title>{TITLE}</title>
<meta name="author" content="{html.escape(office)}"><meta name="description" content="Protocolo {contents["protocol"]}">
<style>{STYLE % {"protocol": contents["protocol"]}}</style></head><body>
<header>{_code(contents["verification_url"])}<h1>{TITLE}</h1><p>{html.escape(office)}</p>
<p>Protocolo {contents["protocol"]}</p>
<p class="verify">Verifique este termo em {html.escape(contents["verification_url"].partition("#")[0])}</p></header>
<p>{_opening(contents)}</p>
<h2>Titular</h2>{_table(_holder(contents["holder"]))}
<h2>Identificação</h2>{_table(_identification(contents, office, zone))}
<h2>Certificado</h2>{_table(_certificate(contents["certificate"], zone))}
<h2>Declarações e deveres do titular</h2><ol>{duties}</ol>
<h2>Provas</h2><p class="note">Resumos criptográficos (SHA-256) do que foi registrado. Quem tem o arquivo pode recalculá-los
e comparar: qualquer alteração aparece.</p>{_table(_proofs(contents))}
<p class="note">Este termo é assinado eletronicamente pelo titular com a chave do certificado acima, no padrão PAdES, com
carimbo do tempo. O certificado é gratuito, vale por três anos e só passa a valer com esta assinatura. Esta plataforma não
integra a ICP-Brasil.</p>
<p>{long_day_text(contents["prepared_at"], zone)}.</p></body></html>"""


def term_pdf(contents: Mapping[str, Any], zone: ZoneInfo) -> bytes:
    """The document as PDF/A-2b; nothing is fetched from anywhere."""
    return _rendered(term_html(contents, zone))


def stamp_pdf(holder: str, serial: str) -> bytes:
    """What shows in the signature's box, as a page of the box's size."""
    left, bottom, right, top = SIGNATURE_BOX
    width, height = right - left, top - bottom
    style = STAMP_STYLE % {"width": width, "height": height, "inner": height - 12}
    return _rendered(
        f"""<!doctype html><html lang="pt-BR"><head><meta charset="utf-8"><title>{TITLE}</title><style>{style}</style></head>
<body>Assinado digitalmente pelo titular<b>{html.escape(holder)}</b>Certificado nº<span>{serial}</span></body></html>"""
    )


def _rendered(text: str) -> bytes:
    from weasyprint import HTML

    rendered: bytes = HTML(string=text, url_fetcher=_fetch_nothing).write_pdf(pdf_variant="pdf/a-2b")
    return rendered


def _fetch_nothing(url: str, *_: object, **__: object) -> dict[str, Any]:
    raise ValueError(f"a term loads nothing: {url}")


def _code(address: str) -> str:
    """The address as a drawing."""
    drawing: str = segno.make(address, error="m", micro=False).svg_inline(border=0, omitsize=True, dark="#1f3a5f")
    return drawing


def _opening(contents: Mapping[str, Any]) -> str:
    how = "por videoconferência gravada" if contents["mode"] == "remote" else "presencialmente, no balcão do cartório"
    return html.escape(
        f"Pelo presente termo, o titular abaixo qualificado, identificado {how} por {contents['clerk']}, declara-se titular e "
        "único responsável pelo certificado digital aqui descrito e pela chave privada que a ele corresponde."
    )


def _holder(holder: Mapping[str, Any]) -> list[Row]:
    rows: list[Row] = [("Nome", holder["name"], False)]
    if holder.get("social_name"):
        rows.append(("Nome social", holder["social_name"], False))
    rows += [
        ("CPF", cpf_text(holder["cpf"]), False),
        ("Data de nascimento", day_text(holder["birth_date"]), False),
        ("Documento de identidade", document_text(holder.get("document")), False),
    ]
    if holder.get("email"):
        rows.append(("E-mail", holder["email"], False))
    if holder.get("mobile"):
        rows.append(("Celular", mobile_text(holder["mobile"]), False))
    return rows


def _certificate(certificate: Mapping[str, Any], zone: ZoneInfo) -> list[Row]:
    validity = f"de {moment_text(certificate['not_before'], zone)} a {moment_text(certificate['not_after'], zone)}"
    return [
        ("Número de série", certificate["serial"], True),
        ("Emitido por", certificate["issuer"], False),
        ("Validade", validity, False),
    ]


def _identification(contents: Mapping[str, Any], office: str, zone: ZoneInfo) -> list[Row]:
    conference = contents["conference"]
    rows: list[Row] = [("Cartório", f"{office} ({contents['office']['id']})", False), ("Escrevente", contents["clerk"], False)]
    if conference:
        period = f"início {moment_text(conference['started_at'], zone)}, fim {moment_text(conference['ended_at'], zone)}"
        rows.append(("Videoconferência", period, False))
    return rows


def _proofs(contents: Mapping[str, Any]) -> list[Row]:
    registration, certificate, conference = contents["registration"], contents["certificate"], contents["conference"]
    rows: list[Row] = [
        ("Certificado", certificate["sha256"], True),
        ("Chave pública", certificate["public_key_sha256"], True),
        (f"Cadastro, versão {registration['version']}", registration["sha256"], True),
    ]
    if conference:
        rows += [*_recordings(conference["recordings"]), ("Videoconferência", conference["conference_id"], True)]
    return [*rows, ("Emissão", contents["emission_id"], True)]


def _recordings(recordings: list[Mapping[str, Any]]) -> list[Row]:
    rows: list[Row] = []
    for number, recording in enumerate(recordings, start=1):
        label = "Gravação" if len(recordings) == 1 else f"Gravação {number}"
        if not recording["playable_sha256"]:
            rows.append((label, "em processamento; vinculada pelo identificador da videoconferência", False))
            continue
        rows.append((label, recording["playable_sha256"], True))
        if recording["original_sha256"]:
            rows.append((f"{label}, original", recording["original_sha256"], True))
        if recording.get("seal_head"):
            rows.append((f"{label}, selo", recording["seal_head"], True))
    return rows


def _table(rows: list[Row]) -> str:
    cells = "".join(
        f"<tr><th>{html.escape(label)}</th><td{' class=hash' if is_hash else ''}>{html.escape(value)}</td></tr>"
        for label, value, is_hash in rows
    )
    return f"<table>{cells}</table>"
