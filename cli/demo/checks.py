"""Checks of the artefacts by programs that are not ours: ffprobe, pdfsig, openssl."""

from __future__ import annotations

import json
import subprocess
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any


class CheckFailed(Exception):
    """An artefact is not what it must be."""


@dataclass(frozen=True, slots=True)
class Check:
    """One check: by which program, of what, and what it found."""

    program: str
    subject: str
    found: str


def run_all(folder: Path, recorded_seconds: float, pictures: int = 2) -> list[Check]:
    """All checks of an emission's artefacts; raises :class:`CheckFailed` for the first that fails."""
    checks: tuple[Callable[[], Check], ...] = (
        lambda: video(folder / "video.mp4", recorded_seconds, pictures),
        lambda: original(folder / "original.mkv"),
        lambda: signature(folder / "term.pdf"),
        lambda: certificate(folder / "certificate.pem", folder / "chain.pem"),
    )
    return [check() for check in checks]


def _run(*argv: str) -> str:
    done = subprocess.run(argv, capture_output=True, text=True, check=False)
    if done.returncode:
        raise CheckFailed(f"{argv[0]} ended with status {done.returncode}: {done.stderr[-600:] or done.stdout[-600:]}")
    return done.stdout


def _streams(path: Path) -> dict[str, Any]:
    shown = "stream=codec_type,codec_name,width,height:format=duration"
    probed: dict[str, Any] = json.loads(_run("ffprobe", "-v", "error", "-show_entries", shown, "-of", "json", str(path)))
    return probed


def video(path: Path, recorded_seconds: float, pictures: int) -> Check:
    """Side by side, with sound, as long as the recording."""
    probed = _streams(path)
    pictured = next(stream for stream in probed["streams"] if stream["codec_type"] == "video")
    if not any(stream["codec_type"] == "audio" for stream in probed["streams"]):
        raise CheckFailed("the video has no sound")
    width, height = int(pictured["width"]), int(pictured["height"])
    duration = float(probed["format"]["duration"])
    if abs(duration - recorded_seconds) > 1.0:
        raise CheckFailed(f"the video lasts {duration:.2f} s, the recording {recorded_seconds:.2f} s")
    # A tile is 4:3 or 16:9, as the cameras are.
    tile = width // pictures
    if height * 4 > tile * 3 + 4:
        raise CheckFailed(f"the video is {width}x{height}: not {pictures} pictures side by side")
    for place in range(pictures):
        _not_blank(path, tile * place, tile, height)
    return Check("ffprobe", "video.mp4", f"{width}x{height}, sound, {duration:.2f} s of {recorded_seconds:.2f} s recorded")


def _not_blank(path: Path, left: int, width: int, height: int) -> None:
    """A half of the picture holds an image: its luma spans a wide range (ffmpeg's signalstats)."""
    shown = _run(
        *("ffprobe", "-v", "error", "-f", "lavfi", "-i"),
        f"movie={path},crop={width}:{height}:{left}:0,signalstats",
        *("-show_entries", "frame_tags=lavfi.signalstats.YMIN,lavfi.signalstats.YMAX", "-of", "json"),
        *("-read_intervals", "%+#200"),
    )
    frames = json.loads(shown)["frames"]
    lively = sum(
        int(frame["tags"]["lavfi.signalstats.YMAX"]) - int(frame["tags"]["lavfi.signalstats.YMIN"]) > 100
        for frame in frames
        if "tags" in frame
    )
    if lively < len(frames) / 4:
        raise CheckFailed(f"the picture at {left} px shows nothing in {len(frames) - lively} of {len(frames)} frames")


def original(path: Path) -> Check:
    """All tracks, as they were recorded."""
    codecs = sorted(stream["codec_name"] for stream in _streams(path)["streams"])
    if "vp8" not in codecs or "opus" not in codecs:
        raise CheckFailed(f"the preserved original holds {codecs}, not the recorded codecs")
    return Check("ffprobe", "original.mkv", ", ".join(codecs))


def signature(path: Path) -> Check:
    """The term's signature is valid, and the whole file is covered: by it, or by the time stamp of the long-term form."""
    shown = _run("pdfsig", "-no-ocsp", str(path))
    if "Signature is Valid" not in shown:
        raise CheckFailed(f"pdfsig does not accept the term's signature:\n{shown[-800:]}")
    if "Total document signed" not in shown:
        raise CheckFailed(f"the signature does not cover the whole term:\n{shown[-800:]}")
    signer = next((line.split(":", 1)[1].strip() for line in shown.splitlines() if "Common Name" in line), "?")
    kind = next((line.split(":", 1)[1].strip() for line in shown.splitlines() if "Signature Type" in line), "?")
    return Check("pdfsig", "term.pdf", f"signature valid, whole document, {kind}, by {signer}")


def certificate(path: Path, chain: Path) -> Check:
    """The certificate chains to the root under strict rules."""
    pems = [f"-----BEGIN{part}" for part in chain.read_text().split("-----BEGIN")[1:]]
    with tempfile.TemporaryDirectory() as folder:
        issuing, root = Path(folder) / "issuing.pem", Path(folder) / "root.pem"
        root.write_text(_self_signed(pems, folder))
        issuing.write_text("".join(pem for pem in pems if pem != root.read_text()))
        shown = _run(*("openssl", "verify", "-x509_strict", "-CAfile", str(root), "-untrusted", str(issuing), str(path))).strip()
    subject = _run("openssl", "x509", "-in", str(path), "-noout", "-subject").strip()
    if not shown.endswith("OK"):
        raise CheckFailed(shown)
    return Check("openssl verify", "certificate.pem", f"OK (strict), {subject}")


def _self_signed(pems: list[str], folder: str) -> str:
    for pem in pems:
        probe = Path(folder) / "probe.pem"
        probe.write_text(pem)
        shown = _run("openssl", "x509", "-in", str(probe), "-noout", "-subject", "-issuer").splitlines()
        if shown[0].removeprefix("subject=") == shown[1].removeprefix("issuer="):
            return pem
    raise CheckFailed("the chain holds no root")
