"""Personal values as one may show them to people who do not need them."""

from __future__ import annotations


def mask_cpf(cpf: str) -> str:
    """``***.982.247-**``: the six middle digits, as the public sector shows it."""
    return f"***.{cpf[3:6]}.{cpf[6:9]}-**"


def mask_name(name: str) -> str:
    """First name whole, of the others the initials."""
    first, *others = name.split() or [""]
    return " ".join([first, *(f"{other[0]}." for other in others if other[0].isupper())])


def mask_email(address: str) -> str:
    """First letter and domain."""
    local, _, domain = address.partition("@")
    return f"{local[:1]}***@{domain}"


def mask_mobile(number: str) -> str:
    """The last four digits."""
    return f"*****-{number[-4:]}"


def mask_address(channel: str, address: str) -> str:
    """By channel: ``email`` or ``sms``."""
    return mask_email(address) if channel == "email" else mask_mobile(address)
