"""What every page has at hand: the ports with the signed-in actor, command ids, dates and masks."""

from __future__ import annotations

import hashlib
import json
import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from flask import Flask, render_template, request
from flask_babel import format_date, format_datetime, format_decimal
from flask_babel import gettext as _
from flask_login import current_user
from markupsafe import Markup
from werkzeug.exceptions import RequestEntityTooLarge

from chassis import deadline
from chassis.clock import new_id
from contracts.actor import Actor
from contracts.errors import InvalidInput, Unavailable
from contracts.operation import Operation
from gateway.security import access

TOKEN_FIELD = "command_token"  # noqa: S105 - a field's name
UNSTABLE = frozenset({"csrf_token", TOKEN_FIELD})
IDEMPOTENCY_HEADER = "Idempotency-Key"
IDEMPOTENCY_KEYS = uuid.UUID("0b6c2f0e-6f0f-5a52-8d53-9b0f0ad6a2ce")
LONGEST_KEY = 255
ASIDE_SECONDS = 2.0
"""For so long a page waits for a part that it can do without."""


def ask(operation: Operation, actor: Actor | None = None, **data: Any) -> dict[str, Any]:
    """Ask a service in the name of the signed-in account (or of ``actor``)."""
    return access.parts().caller(operation, data, actor=actor or access.actor())


def ask_aside(operation: Operation, **data: Any) -> dict[str, Any] | None:
    """Ask for a part that the page can do without; None where it cannot be told soon."""
    try:
        with deadline.within(ASIDE_SECONDS):
            return ask(operation, **data)
    except Unavailable:
        return None


def tell(operation: Operation, actor: Actor | None = None, **data: Any) -> dict[str, Any]:
    """Give a service a command. The same form sent twice is one command."""
    return access.parts().caller(operation, data, actor=actor or access.actor(), command_id=command_id())


def command_id() -> str:
    """The id of the command that this request carries.

    It is derived from the token of the rendered form (of programs: the ``Idempotency-Key``, IETF
    draft-ietf-httpapi-idempotency-key-header) and what was sent: a double click and a resend repeat it, a corrected form
    does not. A request without either is a command of its own.
    """
    sent = request.get_json(silent=True) if request.is_json else request.form.to_dict(flat=False)
    body: Mapping[str, Any] = sent if isinstance(sent, Mapping) else {}
    token = body.get(TOKEN_FIELD)
    token = token[0] if isinstance(token, list) and token else token
    namespace = _namespace_of_key() or _namespace_of_token(token)
    if namespace is None:
        return new_id()
    typed = {key: value for key, value in body.items() if key not in UNSTABLE}
    digest = hashlib.sha256(json.dumps([request.path, typed], sort_keys=True, default=str).encode()).hexdigest()
    return str(uuid.uuid5(namespace, digest))


def _namespace_of_key() -> uuid.UUID | None:
    """What a program's key stands for: of one account only, so that no key of another's can be met."""
    key = request.headers.get(IDEMPOTENCY_HEADER)
    if not key:
        return None
    if len(key) > LONGEST_KEY:
        raise InvalidInput("an Idempotency-Key has at most 255 characters", field=IDEMPOTENCY_HEADER, reason="too_long")
    user = current_user.account.user_id if current_user.is_authenticated else ""
    return uuid.uuid5(IDEMPOTENCY_KEYS, f"{user}\n{key}")


def _namespace_of_token(token: Any) -> uuid.UUID | None:
    try:
        return uuid.UUID(str(token))
    except ValueError:
        return None


def command_fields() -> Markup:
    """The hidden fields that every form of ours needs."""
    from flask_wtf.csrf import generate_csrf

    return Markup('<input type="hidden" name="csrf_token" value="{}"><input type="hidden" name="{}" value="{}">').format(
        generate_csrf(), TOKEN_FIELD, _sent_token() or new_id()
    )


def _sent_token() -> str | None:
    if request.method != "POST":
        return None
    try:
        return request.form.get(TOKEN_FIELD)
    except RequestEntityTooLarge:  # the page that says so has forms, too
        return None


def local_target(target: str | None) -> str:
    """A path of ours to go on to; anything else becomes the start page."""
    if not target:
        return "/"
    split = urlsplit(target)
    safe = not split.scheme and not split.netloc and target.startswith("/") and not target.startswith(("//", "/\\"))
    return target if safe else "/"


def wants_fragment() -> bool:
    """Whether htmx asks for a piece of a page."""
    return request.headers.get("HX-Request") == "true"


def part_key(*values: Any) -> str:
    """A short name for what a part of a page shows, so that only changed parts are exchanged."""
    return hashlib.sha256(json.dumps(values, sort_keys=True, default=str).encode()).hexdigest()[:12]


def fragments(template: str, **context: Any) -> str | tuple[str, int]:
    """The parts of a page that changed since the keys that the request names; 204 where none did."""
    rendered = render_template(template, fragment=True, **context).strip()
    return rendered or ("", 204)


def stale(name: str, key: str, fragment: bool = False) -> bool:
    """Whether a part must be sent: always with a whole page, else only where the browser shows another state."""
    return not fragment or request.args.get(f"key_{name}") != key


def moment(value: datetime | str | None, form: str = "medium") -> str:
    """Date and time of the office's time zone; ``form`` seconds or time: with seconds, or the time alone."""
    if not value:
        return "–"
    when = datetime.fromisoformat(value) if isinstance(value, str) else value
    forms = {"medium": _("dd/MM/yyyy 'at' HH:mm"), "time": "HH:mm"}
    return str(format_datetime(when, forms.get(form, "dd/MM/yyyy HH:mm:ss")))


def day(value: Any) -> str:
    """A date in full figures."""
    return str(format_date(value, "dd/MM/yyyy")) if value else "–"


def cpf(value: str | None) -> str:
    """``000.000.000-00``."""
    digits = "".join(character for character in value or "" if character.isdigit())
    return f"{digits[:3]}.{digits[3:6]}.{digits[6:9]}-{digits[9:]}" if len(digits) == 11 else value or "–"


def phone(value: str | None) -> str:
    """``(11) 91234-5678``, with the country's code before it if there is one."""
    digits = value or ""
    country, local = (f"+{digits[:2]} ", digits[2:]) if len(digits) > 11 else ("", digits)
    return f"{country}({local[:2]}) {local[2:-4]}-{local[-4:]}" if len(local) >= 10 else digits or "–"


def duration(seconds: float | None) -> str:
    """``3 min 05 s``."""
    if seconds is None:
        return "–"
    whole = round(seconds)
    hours, minutes = divmod(whole // 60, 60)
    return f"{hours} h {minutes:02d} min" if hours else f"{minutes} min {whole % 60:02d} s"


def clock(seconds: float) -> str:
    """A place in a video: ``3:05`` or ``1:03:05``."""
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes}:{rest:02d}"


def figure(value: int) -> str:
    """A whole number in the reader's language."""
    return str(format_decimal(value))


def init_app(app: Flask) -> None:
    """Give templates the same."""
    references = access.references(app)
    app.jinja_env.filters.update(moment=moment, day=day, cpf=cpf, phone=phone, duration=duration, clock=clock, figure=figure)
    app.jinja_env.filters["reference"] = references.refer
    app.jinja_env.globals.update(
        command_fields=command_fields,
        part_key=part_key,
        stale=stale,
        settings=access.parts(app).settings,
    )
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True
