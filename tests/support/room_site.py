"""A small site around the room's script, as the gateway's pages are: two pages and the API, on a running conference service."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from contracts import conference as contract
from contracts.errors import TitularError
from deploy.local.engines import ENGINES
from deploy.local.process import ROOT
from tests.support.rooms import CLERK, HOLDER, Office

FRONTEND = ROOT / "gateway" / "frontend"
TEXTS = {
    key: key
    for key in (
        *("permission_denied", "no_device", "device_busy", "insecure", "reconnecting", "failed", "left", "ended"),
        *("name_missing", "screen_denied", "no_token"),
    )
} | {"screen_of": "Tela de {name}"}
PAGE = """<!doctype html><html lang="pt-BR"><head><meta charset="utf-8"><meta name="csrf-token" content="token"></head><body>
<div id="room" data-role="{role}" data-admission-url="{api}/admission"
 data-join-url="{api}/join" data-leave-url="{api}/leave" data-state-url="{api}/state">
<div id="room-error" role="alert" hidden></div><div id="remote-videos"></div>
<video id="screen-video" autoplay playsinline muted hidden></video><video id="local-video" autoplay playsinline muted></video>
<section id="prejoin"><video id="device-video" autoplay playsinline muted></video><meter id="microphone-level"></meter>
<input id="display-name" value="{name}"><button data-action="join">Entrar</button></section>
<section id="waiting" hidden>espera</section><section id="ended" hidden>fim</section>
<section id="unusable" hidden><p id="unusable-text"></p></section>
<span id="holder-recording" hidden>gravando</span>
<button data-action="mute-audio">m</button><button data-action="mute-video">v</button>
<button data-action="share-screen">s</button><button data-action="leave">sair</button></div>
<script type="application/json" id="room-texts">{texts}</script>
<script type="module">import {{ startRoom }} from "/room.js"; window.room = startRoom(document.getElementById("room"));</script>
</body></html>"""


def build_script(folder: Path) -> Path:
    """The room's script as one module, built by the frontend's own tools."""
    configuration = folder / "vite.config.mjs"
    entry = FRONTEND / "src" / "room" / "index.ts"
    options = {
        "root": str(FRONTEND),
        "configFile": False,
        "logLevel": "error",
        "build": {"outDir": str(folder / "built"), "lib": {"entry": str(entry), "formats": ["es"], "fileName": "room"}},
    }
    configuration.write_text(
        f"import {{ build }} from {json.dumps(str(FRONTEND / 'node_modules/vite/dist/node/index.js'))};\n"
        f"await build({json.dumps(options)});\n"
    )
    env = {**os.environ, "PATH": f"{ENGINES}:{os.environ['PATH']}"}
    subprocess.run(["node", str(configuration)], check=True, env=env, cwd=FRONTEND, timeout=120)
    return next((folder / "built").glob("room.*js"))


@contextlib.contextmanager
def room_site(office: Office, script: Path, conference: dict[str, Any]) -> Iterator[str]:
    """``/clerk`` and ``/holder#token`` for one conference; yields the address."""
    conference_id, emission_id = conference["conference_id"], conference["emission_id"]

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            return

        def do_GET(self) -> None:
            if self.path == "/room.js":
                self._send(200, "text/javascript", script.read_bytes())
            elif self.path == "/clerk-api/state":
                self._answer(lambda: contract.ConferenceReply().dump(office.conference(emission_id)))
            elif self.path in {"/clerk", "/holder"}:
                role = self.path[1:]
                name = {"clerk": "Ana", "holder": "Maria"}[role]
                page = PAGE.format(role=role, api=f"/{role}-api", name=name, texts=json.dumps(TEXTS))
                self._send(200, "text/html", page.encode())
            else:
                self._send(404, "text/plain", b"")

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            actor, extra = (CLERK, {"conference_id": conference_id}) if self.path.startswith("/clerk") else (HOLDER, {})
            operations = {
                "admission": contract.REQUEST_ADMISSION,
                "join": contract.JOIN_CONFERENCE,
                "leave": contract.LEAVE_CONFERENCE,
                "state": contract.GET_JOIN_LINK,
            }
            operation = operations[self.path.rsplit("/", 1)[1]]
            self._answer(lambda: operation.reply().dump(office.ask(operation, {**body, **extra}, actor=actor)))

        def _answer(self, ask: Any) -> None:
            try:
                self._send(200, "application/json", json.dumps(ask()).encode())
            except TitularError as error:
                self._send(error.status, "application/json", json.dumps(error.to_dict()).encode())

        def _send(self, status: int, content_type: str, content: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Type", content_type)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
