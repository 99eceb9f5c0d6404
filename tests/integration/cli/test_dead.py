"""``titular events dead`` on a real broker and document store."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pika
import pytest
from click.testing import CliRunner, Result

from chassis import queues
from chassis.dead_letters import BrokerDeadLetters
from cli.main import main
from contracts.topology import SUBSCRIPTIONS
from deploy.local.configuration import load, save
from tests.support.engines import Broker, Documents
from tests.support.waiting import until

pytestmark = pytest.mark.integration
SUBSCRIPTION = next(each for each in SUBSCRIPTIONS if each.service == "media")
QUEUE = SUBSCRIPTION.queue
EVENT = {"id": "e-1", "type": "RecordingStopped", "time": "2026-11-20T14:30:00Z", "emissionid": "em-1", "data": {}}


@pytest.fixture
def data(broker: Broker, document_engine: Documents, tmp_path: Path) -> Path:
    """The folder of a stack that runs."""
    configuration = load(tmp_path)
    documents = int(document_engine.url.split(":")[2].split("/")[0])
    save(replace(configuration, ports={**configuration.ports, "rabbitmq": broker.port, "documents": documents}))
    queues.declare(broker.url, [SUBSCRIPTION], [SUBSCRIPTION.source])
    return tmp_path


def put(broker: Broker, body: bytes) -> None:
    letters = BrokerDeadLetters(broker.url, [SUBSCRIPTION])
    before = letters.depths()[0].dead
    connection = pika.BlockingConnection(pika.URLParameters(broker.url))
    properties = pika.BasicProperties("application/json", headers={"x-attempt": 4, "x-error": "not_found: no tracks"})
    connection.channel().basic_publish("", SUBSCRIPTION.dead, body, properties)
    connection.close()
    until(lambda: letters.depths()[0].dead == before + 1)


def titular(data: Path, *arguments: str, typed: str | None = None) -> Result:
    environment = {"USER": "olga"}
    return CliRunner(env=environment).invoke(main, ["events", "--data", str(data), "dead", *arguments], input=typed)


def test_from_the_list_to_the_record(broker: Broker, data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def said(*arguments: str, typed: str | None = None) -> str:
        result = titular(data, *arguments, typed=typed)
        assert result.exit_code == 0, result.output
        return result.output + capsys.readouterr().out

    assert "nothing lies dead" in said("list")
    put(broker, json.dumps(EVENT).encode())
    put(broker, b"\x00\xff")
    broken = next(one for one in BrokerDeadLetters(broker.url).letters(QUEUE) if one.envelope is None)
    listed = said("list")
    assert QUEUE in listed
    assert "not_found: no tracks" in listed
    assert next(row for row in map(json.loads, said("list", "--json").splitlines()) if row["queue"] == QUEUE)["letters"] == 2
    shown = said("show", "e-1")
    assert "em-1" in shown
    assert '"type": "RecordingStopped"' in shown
    assert "00000000  00 ff" in said("show", broken.id)
    assert "given back: e-1" in said("retry", "e-1", "--reason", "tracks are back")
    assert f"discarded: {broken.id}" in said("discard", broken.id, "--reason", "no event", typed="y\n")
    record = [json.loads(line) for line in said("record", "--json").splitlines()]
    assert [(one["type"], one["actor"]["user_id"], one["data"]["reason"]) for one in record][:2] == [
        ("DeadLetterDiscarded", "cli:olga", "no event"),
        ("DeadLetterRetried", "cli:olga", "tracks are back"),
    ]
    assert (record[0]["data"]["body"], record[0]["data"]["body_encoding"]) == ("AP8=", "base64")


def test_what_is_meant_must_be_clear(broker: Broker, data: Path) -> None:
    put(broker, json.dumps({**EVENT, "id": "e-2"}).encode())
    for arguments in (("retry",), ("retry", "e-2", "--all"), ("retry", "--all"), ("discard", "e-2")):
        assert titular(data, *arguments).exit_code == 2
    assert titular(data, "discard", "e-2", "--reason", "no", "--yes").exit_code == 1
    assert titular(data, "discard", "e-2", "--reason", "enough", typed="n\n").exit_code == 1
    assert titular(data, "retry", "another").exit_code == 1
    assert [one.id for one in BrokerDeadLetters(broker.url).letters(QUEUE)] == ["e-2"]
    assert titular(data, "discard", "--all", "--queue", QUEUE, "--reason", "tests end", "--yes").exit_code == 0
    assert titular(data, "discard", "--all", "--queue", QUEUE, "--reason", "tests end", "--yes").exit_code == 1
