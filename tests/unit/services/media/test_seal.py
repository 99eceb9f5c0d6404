"""The chain of hashes over a recording."""

from __future__ import annotations

from dataclasses import replace

from services.media.model.seal import BEGINNING, Growth, Seal, broken_at, link_from_json, link_to_json

SEAL = Seal().grown(0, "aa", [Growth("t", 0, 10, "bb")]).grown(1, "cc").grown(0, "dd")


def test_a_chain_that_is_whole() -> None:
    assert broken_at(SEAL) is None
    assert broken_at(Seal()) is None
    assert Seal().head == BEGINNING


def test_a_later_link_of_a_cell_replaces_the_earlier() -> None:
    assert SEAL.cells() == {0: "dd", 1: "cc"}


def test_whatever_is_changed_breaks_the_chain_or_its_head() -> None:
    first, second, third = SEAL.links
    for changed in (replace(first, sha256="xx"), replace(first, growth=()), replace(first, growth=(Growth("t", 0, 11, "bb"),))):
        assert broken_at(Seal((changed, second, third))) == 1
    assert broken_at(Seal((first, third))) == 1
    assert Seal((first, second, replace(third, sha256="xx"))).head != SEAL.head
    assert Seal((first, second)).head != SEAL.head


def test_what_is_stored_is_what_was_sealed() -> None:
    assert [link_from_json(link_to_json(link)) for link in SEAL.links] == list(SEAL.links)
