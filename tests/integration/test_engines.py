"""The engines start as configured."""

import pytest
import requests

from chassis.objects import S3ObjectStore
from chassis.settings import ObjectSettings
from tests.support.engines import Broker, Documents, Inbox, Objects, Sfu

pytestmark = pytest.mark.integration


def test_all_engines_answer(broker: Broker, document_engine: Documents, object_engine: Objects, sfu: Sfu, inbox: Inbox) -> None:
    assert requests.get(f"{sfu.http_url}/info", timeout=5).json()["janus"] == "server_info"
    assert requests.get(f"{inbox.web_url}/api/healthz", timeout=5).ok
    store = S3ObjectStore(
        ObjectSettings(object_engine.endpoint, object_engine.access_key, object_engine.secret_key, False, "test-")
    )
    stored = store.put("things", "a", b"hello", "text/plain")
    assert b"".join(store.stream("things", "a", 1, 3)) == b"ell"
    assert stored["size"] == 5
