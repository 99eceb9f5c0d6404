"""The procedure's 24 steps with two browsers, as the demonstration runs them."""

from __future__ import annotations

import json
import os
import subprocess

import pytest
from playwright.sync_api import Browser

from chassis.callers import PooledCaller
from cli.demo.person import new_person
from cli.demo.script import Demonstration
from cli.demo.site import local
from cli.running import Running
from contracts import certification
from deploy.local.process import ROOT
from tests.support.people import AUDITOR

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(240)]


def test_the_whole_procedure(product: Running, browser: Browser, ask: PooledCaller) -> None:
    # when a clerk and a holder go through all 24 steps
    result = Demonstration(browser, local(product.configuration), new_person(), 12).run()

    # then other programs accept video, term and certificate
    assert [check.program for check in result.checks] == ["ffprobe", "ffprobe", "pdfsig", "openssl verify"]

    # and the history tells it all, in order, intact, and replays to the same state
    history = ask(certification.GET_HISTORY, {"emission_id": result.emission_id}, actor=AUDITOR)
    told = [entry["type"] for entry in history["entries"]]
    expected = [
        *("EmissionStarted", "ConferenceStartNoted", "RecordingStartNoted", "RecordingStopNoted", "IdentificationAttested"),
        *("DataConfirmed", "HolderInvited", "HolderVerified", "CertificateIssued", "TermSigned", "EmissionCompleted"),
    ]
    assert [name for name in told if name in expected] == expected
    assert history["intact"]
    assert history["state"]["state"] == "completed"

    # and the term names the recording's hash
    signed = next(entry for entry in history["entries"] if entry["type"] == "TermPrepared")
    noted = next(entry for entry in history["entries"] if entry["type"] == "VideoNoted")
    assert signed["data"]["video_sha256"] == noted["data"]["playable_sha256"]
    kept = json.loads((result.folder / "history.json").read_text())
    hashes = [entry["hash"] for entry in kept["entries"]]
    assert hashes == [entry["hash"] for entry in history["entries"]][: len(hashes)]  # the term is preserved in the background

    # and an auditor can verify it at the terminal
    env = {**os.environ, "TITULAR_DATA": str(product.configuration.data)}
    done = subprocess.run(
        [str(ROOT / "bin" / "titular"), "audit", "verify", result.emission_id],
        env=env,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "Intact" in done.stdout
