"""What an emission leaves behind, fetched through the pages and the API as its readers would."""

from __future__ import annotations

import json
from pathlib import Path

from playwright.sync_api import APIRequestContext, APIResponse


class FetchFailed(Exception):
    """An artefact could not be fetched."""


def fetch_all(request: APIRequestContext, public_url: str, emission_id: str, recording_id: str, folder: Path) -> None:
    """Video, original, term, certificate, chain and history into a folder; the session must be allowed to see them."""
    base = f"{public_url}/emissoes/{emission_id}"
    sources = {
        "video.mp4": f"{base}/videos/{recording_id}/playable",
        "original.mkv": f"{base}/videos/{recording_id}/original",
        "term.pdf": f"{base}/documentos/termo",
        "certificate.pem": f"{base}/documentos/certificado",
        "chain.pem": f"{base}/documentos/cadeia",
    }
    folder.mkdir(parents=True, exist_ok=True)
    for name, url in sources.items():
        (folder / name).write_bytes(_get(request, url).body())
    history = _get(request, f"{public_url}/api/emissions/{emission_id}/history").json()
    (folder / "history.json").write_text(json.dumps(history, indent=2, ensure_ascii=False))


def _get(request: APIRequestContext, url: str) -> APIResponse:
    response = request.get(url)
    if not response.ok:
        raise FetchFailed(f"{url} answered {response.status}: {response.text()[:300]}")
    return response
