"""Logs as people read them, and what the machine lacks."""

from __future__ import annotations

import pytest
from click.testing import CliRunner

from cli.console import show_line
from cli.demo.person import document_image, new_person
from cli.doctor import needs
from cli.main import main
from services.registry.model import valid_cpf


def test_warnings_are_shown_and_routine_is_not(capsys: pytest.CaptureFixture[str]) -> None:
    show_line("media", '{"event": "relay waits", "level": "warning", "trouble": "broker"}')
    show_line("media", '{"event": "event handled", "level": "info"}')
    show_line("rabbitmq", "a line of another program")
    shown = capsys.readouterr().out
    assert "media │ relay waits  trouble=broker" in shown
    assert "event handled" not in shown
    assert "another program" not in shown


def test_every_need_says_how_it_is_met() -> None:
    assert all(need.mend for need in needs())


def test_every_command_has_help() -> None:
    for command in (
        (),
        ("up",),
        ("demo",),
        ("audit", "replay"),
        ("events", "tail"),
        ("check",),
        ("backup",),
        ("restore",),
        ("events", "dead", "retry"),
        ("events", "stuck"),
        ("doctor",),
    ):
        result = CliRunner().invoke(main, [*command, "--help"])
        assert result.exit_code == 0
        assert result.output


def test_the_audit_of_a_stack_that_never_ran_says_so(tmp_path: object) -> None:
    result = CliRunner().invoke(main, ["audit", "--data", f"{tmp_path}/none", "show", "x"])
    assert result.exit_code == 1
    assert "make up" in result.output


def test_a_sample_person_is_valid_and_repeatable() -> None:
    person = new_person(7)
    assert person == new_person(7)
    assert valid_cpf(person.cpf) == person.cpf
    assert document_image(person).startswith(b"\x89PNG")
