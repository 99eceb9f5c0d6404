"""What readers are told for each error code, reason and state (English here, translated by the catalogues)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext, ngettext

from contracts import errors
from contracts.errors import TitularError

BY_CODE = {
    "not_authenticated": lazy_gettext("Sign in to go on."),
    "forbidden": lazy_gettext("Your account has no access to this page or to this office's data."),
    "not_found": lazy_gettext("We found nothing at this address."),
    "conflict": lazy_gettext("This is not possible in the present situation. Reload the page to see it as it is now."),
    "already_exists": lazy_gettext("This is already registered."),
    "stale_version": lazy_gettext("Someone else changed this registration while you were working on it."),
    "illegal_step": lazy_gettext("This step is not possible now. Reload the page: the emission may have moved on."),
    "person_blocked": lazy_gettext("This CPF is blocked. No emission can be started until it is unblocked."),
    "link_unusable": lazy_gettext("This link no longer works. Ask the notary's office for a new one."),
    "locked": lazy_gettext("Too many wrong answers. For your safety this link was locked. Ask the office for a new one."),
    "refused_submission": lazy_gettext("What your phone sent could not be accepted."),
    "rate_limited": lazy_gettext("Too many attempts in a short time. Wait a minute and try again."),
    "unavailable": lazy_gettext("This part of the system does not answer at the moment. Nothing was lost: try again shortly."),
    "internal_fault": lazy_gettext("Something failed on our side. Try again; if it goes on, tell the support."),
    "invalid_input": lazy_gettext("Something must be corrected. See the marked fields."),
}
PARTS = {
    "registry": lazy_gettext("The people's registry"),
    "certification": lazy_gettext("The issuing of certificates"),
    "conference": lazy_gettext("The videoconference room"),
    "media": lazy_gettext("The store of videos"),
    "notify": lazy_gettext("The sending of messages"),
}
LINK_REASONS = {
    "unknown": lazy_gettext("This link is incomplete or unknown. Open it again from the message, or copy it whole."),
    "expired": lazy_gettext("This link has expired. Ask the notary's office for a new one."),
    "used": lazy_gettext("This link was already used. If it was not by you, tell the notary's office at once."),
    "elsewhere": lazy_gettext("This was begun in another browser, and goes on only there."),
    "superseded": lazy_gettext("A newer link was sent to you. Use the one in the latest message."),
    "ended": lazy_gettext("This videoconference has ended. You may close this page."),
}
ADMISSION_REASONS = {
    "not_admitted": lazy_gettext("The notary's office has not let you in yet. Ask to come in."),
    "holder_present": lazy_gettext("One person at a time: remove the one who is in the room before you admit another."),
    "not_waiting": lazy_gettext("This person does not wait any more."),
    "too_many_waiting": lazy_gettext("Too many people wait at this link. Try again in a few minutes."),
}
PICTURE_REASONS = {
    "picture_not_wanted": lazy_gettext("The clerk does not ask for this picture any more. You need not send it."),
    "picture_not_taken": lazy_gettext("There is no picture that could be accepted. Ask for one."),
    "other_office_registration": lazy_gettext(
        "This registration belongs to another office: nothing can be added to it. Register the person in your own office first."
    ),
    "picture_gone": lazy_gettext("The picture is no longer there: it was kept for an hour. Ask for another one."),
    "picture_differs": lazy_gettext("What was kept is not the picture that was taken. Ask for another one."),
    "too_many_pictures": lazy_gettext("Too many pictures were asked for in this conference."),
    "not_recorded": lazy_gettext("This is possible only while the conference is being recorded."),
    "no_holder": lazy_gettext("Nobody is in the room whose document could be pictured."),
}
CODE_REASONS = {
    "sends": lazy_gettext("All codes were sent. The last one still counts."),
    "contact_sends": lazy_gettext("All codes for this contact were sent. Confirm it by voice."),
    "contact_code": lazy_gettext("Too many wrong codes. Have another one sent, or confirm the contact by voice."),
    "no_code": lazy_gettext("No code was sent to this contact. Send one first."),
}
PLACE_REASONS = {
    "not_proved": lazy_gettext(
        "The key on this device could not open the certificate. Try again, or talk to the notary's office."
    ),
    "already_revoked": lazy_gettext("This certificate is revoked already."),
}
REASONS = {**PLACE_REASONS, **ADMISSION_REASONS, **PICTURE_REASONS, **CODE_REASONS}
FIELD_REASONS = {
    "missing": lazy_gettext("Fill in this field."),
    "invalid": lazy_gettext("Check this value."),
    "too_short": lazy_gettext("This is too short."),
    "too_long": lazy_gettext("This is too long."),
    "too_large": lazy_gettext("The file is larger than 10 MB."),
    "unknown": lazy_gettext("This value is not known."),
    "unknown_type": lazy_gettext("Only JPEG, PNG and PDF files are accepted."),
    "empty": lazy_gettext("The file is empty."),
    "no_picture": lazy_gettext("This is not a picture. Take it again."),
    "malformed": lazy_gettext("The picture arrived damaged. Take it again."),
    "too_small": lazy_gettext("The camera's picture is too small to read a document. Use a better camera, or a phone."),
    "future": lazy_gettext("This date lies in the future."),
    "too_old": lazy_gettext("This date lies too far in the past."),
    "before_birth": lazy_gettext("This date lies before the date of birth."),
    "missing_for_rg": lazy_gettext("An RG needs issuer and state."),
    "contradicts_civil_status": lazy_gettext("This civil status has no spouse."),
    "expired": lazy_gettext("The page was open for too long or in another session. Reload it and try again."),
    "confirmed": lazy_gettext("Tick that you have checked it: a revocation cannot be undone."),
    "all": lazy_gettext("All three statements are needed to go on."),
}
VAGUE_REASONS = frozenset({"invalid", "length", "check_digits"})
FIELDS = {
    "cpf": lazy_gettext("This CPF is not valid. Check its digits."),
    "email": lazy_gettext("Check the e-mail address, for instance maria@example.com."),
    "mobile": lazy_gettext("Use the area code and the number, for instance (11) 91234-5678."),
    "phone": lazy_gettext("Use the area code and the number, for instance (11) 3123-4567."),
    "birth_date": lazy_gettext("Check the date of birth."),
    "postal_code": lazy_gettext("The CEP has eight digits."),
}


def text(error: TitularError) -> str:
    """The sentence for a whole error."""
    if isinstance(error, errors.Unavailable) and error.details.get("service") in PARTS:
        part = PARTS[error.details["service"]]
        return str(_("%(part)s does not answer at the moment. Nothing was lost: try again shortly.", part=part))
    if isinstance(error, errors.LinkUnusable):
        return str(LINK_REASONS.get(error.reason or "", BY_CODE["link_unusable"]))
    if isinstance(error, errors.WrongAnswer):
        return wrong_answer(error)
    if isinstance(error, errors.InvalidInput) and len(error.problems) == 1:
        return problem(error.problems[0])
    return str(REASONS.get(error.reason or "", BY_CODE.get(error.code, BY_CODE["internal_fault"])))


def wrong_answer(error: TitularError) -> str:
    """With the tries that are left, where they are counted."""
    if error.reason == "expired":
        return str(_("This code has expired. Have a new one sent."))
    left = error.details.get("tries_left")
    if left is None:
        return str(_("This does not match. Check it and try again."))
    shown = ngettext("%(num)d attempt left.", "%(num)d attempts left.", int(left))
    if error.field == "code":
        both = _(
            "The code and the words do not match. Check both: the code in the message, and the words that the clerk told you."
        )
        return f"{both} {shown}"
    mismatch = _("This does not match what the notary's office has registered.")
    return f"{mismatch} {shown}"


def wrong_contact_code(error: TitularError) -> str:
    """To the clerk, with the tries that are left."""
    left = int(error.details.get("tries_left", 0))
    shown = ngettext("%(num)d attempt left.", "%(num)d attempts left.", left)
    return f"{_('This is not the code that was sent. Ask the person to read it once more.')} {shown}"


def problem(entry: Mapping[str, Any]) -> str:
    """The sentence for one field: by its reason, or by the field where the reason says too little."""
    name = str(entry.get("field", "")).rsplit(".", 1)[-1]
    reason = str(entry.get("reason", "invalid"))
    if reason in VAGUE_REASONS and name in FIELDS:
        return str(FIELDS[name])
    return str(FIELD_REASONS.get(reason, FIELD_REASONS["invalid"]))


def by_field(error: errors.InvalidInput) -> dict[str, str]:
    """Messages by field name; ``data.`` before a registration's fields falls away."""
    return {str(entry.get("field", "")).removeprefix("data."): problem(entry) for entry in error.problems}
