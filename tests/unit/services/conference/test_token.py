"""The holder's join token."""

import pytest

from contracts.errors import LinkUnusable
from services.conference.model.token import make_token, read_token

SECRET = "s" * 32
ID = "3c0a5f0e-0f53-5d3f-9b59-0e1a52c4e3a1"


def test_a_token_leads_to_its_conference() -> None:
    assert read_token(SECRET, make_token(SECRET, ID)) == ID


def test_a_token_is_the_same_each_time_and_fits_a_link() -> None:
    token = make_token(SECRET, ID)
    assert token == make_token(SECRET, ID)
    assert len(token) == len(ID) + 1 + 43
    assert all(character.isalnum() or character in "-_." for character in token)


@pytest.mark.parametrize(
    "forged",
    [
        "",
        ID,
        f"{ID}.",
        make_token(SECRET, ID)[:-1],
        make_token("t" * 32, ID),
        make_token(SECRET, ID).replace("3c0a", "3c0b", 1),
        f"{ID}.çã",
    ],
)
def test_a_forged_token_leads_nowhere(forged: str) -> None:
    with pytest.raises(LinkUnusable) as refused:
        read_token(SECRET, forged)
    assert refused.value.reason == "unknown"
