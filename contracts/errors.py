"""The error family that crosses service borders.

Every error has a stable ``code`` (screens translate it), an English message for logs, and details that a screen may name.
A reply carries an error as data, so that callers in any language can read it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar


class TitularError(Exception):
    """Base of all expected refusals. ``status`` is the HTTP status that the gateway answers with (RFC 9110)."""

    code: ClassVar[str] = "error"
    status: ClassVar[int] = 500
    permanent: ClassVar[bool] = True

    def __init__(self, message: str = "", *, field: str | None = None, reason: str | None = None, **details: Any) -> None:
        super().__init__(message or self.code)
        self.message = message or self.code
        self.field = field
        self.reason = reason
        self.details: dict[str, Any] = details

    def to_dict(self) -> dict[str, Any]:
        """The error as JSON-ready data; the inverse of :func:`error_from_dict`."""
        return {
            "code": self.code,
            "message": self.message,
            "field": self.field,
            "reason": self.reason,
            "details": self.details,
        }


class InvalidInput(TitularError):
    """What was typed cannot be accepted. ``problems`` holds one entry per field: ``{"field", "reason", ...}``."""

    code = "invalid_input"
    status = 422

    @property
    def problems(self) -> list[dict[str, Any]]:
        """One entry per faulty field, in the order found."""
        listed: list[dict[str, Any]] = self.details.get("problems") or []
        if listed:
            return listed
        return [{"field": self.field or "", "reason": self.reason or "invalid"}]

    @classmethod
    def of(cls, problems: Sequence[Mapping[str, Any]]) -> InvalidInput:
        """One error that lists several fields' problems."""
        fields = ", ".join(str(problem["field"]) for problem in problems)
        return cls(f"invalid: {fields}", problems=[dict(problem) for problem in problems])


class NotAuthenticated(TitularError):
    """Nobody is signed in, or the sign-in is no longer good."""

    code = "not_authenticated"
    status = 401


class Forbidden(TitularError):
    """The actor may not do or see this."""

    code = "forbidden"
    status = 403


class NotFound(TitularError):
    """No such thing, or none that this actor may know of."""

    code = "not_found"
    status = 404


class Conflict(TitularError):
    """The state does not allow it."""

    code = "conflict"
    status = 409


class AlreadyExists(Conflict):
    """It is already there; ``details`` says which."""

    code = "already_exists"


class StaleVersion(Conflict):
    """Somebody else changed it meanwhile; ``details``: ``expected`` and ``actual`` versions."""

    code = "stale_version"


class IllegalStep(Conflict):
    """The step is not possible now; ``details``: ``state`` and ``allowed`` (the commands possible now)."""

    code = "illegal_step"


class PersonBlocked(Conflict):
    """The CPF is blocked; ``details``: ``reason``."""

    code = "person_blocked"


class LinkUnusable(TitularError):
    """A link that opens nothing; ``reason``: unknown, expired, used, superseded or ended."""

    code = "link_unusable"
    status = 410


class WrongAnswer(TitularError):
    """A wrong birth date or code; ``details``: ``tries_left``."""

    code = "wrong_answer"
    status = 422


class Locked(TitularError):
    """Too many wrong answers; ``details`` may hold ``until``."""

    code = "locked"
    status = 423


class RefusedSubmission(TitularError):
    """A certificate request or signature that does not stand; ``reason`` says what failed."""

    code = "refused_submission"
    status = 422


class RateLimited(TitularError):
    """Too many requests in a short time."""

    code = "rate_limited"
    status = 429


class Unavailable(TitularError):
    """A service or store that is needed does not answer now; worth another try."""

    code = "unavailable"
    status = 503
    permanent = False


class InternalFault(TitularError):
    """Something of ours failed; the details are in the logs under the trace id."""

    code = "internal_fault"
    status = 500
    permanent = False


def _family(base: type[TitularError]) -> dict[str, type[TitularError]]:
    found = {base.code: base}
    for child in base.__subclasses__():
        found.update(_family(child))
    return found


ERRORS: dict[str, type[TitularError]] = _family(TitularError)
"""Error class by code."""


def error_from_dict(data: Mapping[str, Any]) -> TitularError:
    """The typed error of a reply; a code that this version does not know becomes :class:`InternalFault`."""
    cls = ERRORS.get(str(data.get("code")), InternalFault)
    return cls(
        str(data.get("message") or ""),
        field=data.get("field"),
        reason=data.get("reason"),
        **(data.get("details") or {}),
    )
