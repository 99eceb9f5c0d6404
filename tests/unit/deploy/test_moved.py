"""Queues that were moved with their folder."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from deploy.local.moved import settle_queues

CONFIG = """#{id => {'queue','titular@localhost'},
  system_config =>
      #{data_dir =>
            "/somewhere/else/rabbitmq/nodes/titular@localhost/quorum/a long place that Erlang "
            "breaks in two",
        name => quorum_queues,
        wal_data_dir =>
            "/somewhere/else/rabbitmq/nodes/titular@localhost/quorum/titular@localhost",
        wal_sync_method => datasync},
  uid => <<"2F_EVT">>}.
"""


@pytest.mark.parametrize("folder", ["plain", 'pasta nova "ç"'])
def test_a_queue_learns_where_its_files_lie(tmp_path: Path, folder: str) -> None:
    # given a queue's folder that was copied from somewhere else
    place = tmp_path / folder / "titular@localhost" / "quorum" / "titular@localhost"
    config = place / "2F_EVT" / "config"
    config.parent.mkdir(parents=True)
    config.write_text(CONFIG)

    # when it is settled
    assert settle_queues(tmp_path / folder) == 1

    # then Erlang reads both places as the present one, and the rest as it was
    read = subprocess.run(
        ["erl", "-noshell", "-eval", f'{{ok, [T]}} = file:consult("{_erlang(config)}"), {PRINT}, halt().'],
        capture_output=True,
        check=True,
    ).stdout.decode()
    assert read.splitlines() == [str(place), str(place), "quorum_queues", "2F_EVT"]

    # and a second time there is nothing to do
    assert settle_queues(tmp_path / folder) == 0


PRINT = (
    "S = maps:get(system_config, T), "
    'io:setopts([{encoding, unicode}]), io:format("~ts~n~ts~n~p~n~s~n", '
    "[maps:get(data_dir, S), maps:get(wal_data_dir, S), maps:get(name, S), maps:get(uid, T)])"
)


def _erlang(path: Path) -> str:
    return "".join(one if one.isascii() and one != '"' else f"\\x{{{ord(one):X}}}" for one in str(path))
