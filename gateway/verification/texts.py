"""Sentences that the verification page's script needs."""

from __future__ import annotations

from flask_babel import gettext as _


def verification_texts() -> dict[str, str]:
    """By key; ``{…}`` is filled in by the script."""
    return {**_verdicts(), **_questions(), **_reasons(), **_revocations()}


def _verdicts() -> dict[str, str]:
    return {
        "from_term": _("You come from the term with the protocol {protocol}. Choose that file below."),
        "busy": _("Reading {name}…"),
        "too_large": _("The file has more than 20 MB: it is no term of ownership."),
        "unreachable_authority": _("The authority's certificate could not be fetched. Check your connection and try again."),
        "term_yes": _("This term is genuine"),
        "term_no": _("This term is not genuine, or not as it was signed"),
        "term_unknown": _("This term could not be verified wholly"),
        "certificate_yes": _("This certificate is genuine and in force"),
        "certificate_no": _("This certificate is not genuine, or not in force"),
        "certificate_unknown": _("This certificate could not be verified wholly"),
        "unreadable_no": _("This file is neither a term (PDF) nor a certificate"),
        "facts": _("What it says"),
        "fact_name": _("Holder"),
        "fact_cpf": _("CPF"),
        "fact_signed_at": _("Signed at (time stamp)"),
        "fact_validity": _("Certificate's validity"),
        "fact_serial": _("Serial number"),
        "fact_sha256": _("SHA-256 of the file"),
        "answer_yes": _("Yes"),
        "answer_no": _("No"),
        "answer_unknown": _("Not known"),
    }


def _questions() -> dict[str, str]:
    return {
        "question_whole": _("Is it whole?"),
        "question_signed": _("Was it signed by the key of this certificate?"),
        "question_issued": _("Does the certificate come from this authority?"),
        "question_stamped": _("Is the moment proved?"),
        "question_in_force": _("Was the certificate in force?"),
        "question_long_term": _("Is it prepared for long keeping?"),
    }


def _reasons() -> dict[str, str]:
    return {
        "why_whole": _("Not a byte has changed since it was signed."),
        "why_changed": _("The content is not what was signed: it was changed afterwards."),
        "why_added_to": _("Something was added after the signature that our time-stamping service did not confirm."),
        "why_not_covering": _("The signature leaves out a part of the file that it must cover."),
        "why_unreadable": _("The signature in this file cannot be read."),
        "why_no_signature": _("Nobody has signed this file."),
        "why_signed": _("The signature stands."),
        "why_not_signed": _("The signature does not belong to this content and this certificate."),
        "why_issued": _("Signed by the issuing authority, and that one by the root."),
        "why_not_issued": _("Another authority has issued it, or somebody has copied its name."),
        "why_stamped": _("The time-stamping service confirms it existed, signed, at {moment}."),
        "why_not_stamped": _("There is no time stamp of this authority."),
        "why_in_force_then": _("It was in force when the term was signed, and has not been revoked."),
        "why_in_force_now": _("It is in force, and has not been revoked."),
        "why_on_hold": _("It is on hold: its term of ownership was not signed yet."),
        "why_expired": _("Its time was over at {moment}."),
        "why_unknown": _("The authority knows no certificate with this number."),
        "why_unreachable": _("The authority could not be asked for its present state. Try again with a connection."),
        "why_long_term": _("It holds all that proves it, under a time stamp of {moment}."),
        "why_not_long_term": _(
            "Not yet: this copy has no proofs added for the years to come. The notary's office keeps one that has."
        ),
    }


def _revocations() -> dict[str, str]:
    now, later = _("It was revoked at {moment}: {why}."), _("It was in force then; it was revoked later, at {moment}: {why}.")
    whys = {
        "unspecified": _("no reason was given"),
        "keyCompromise": _("the key was lost, or somebody else may have had it"),
        "cACompromise": _("the authority's key was compromised"),
        "affiliationChanged": _("the holder's data have changed"),
        "superseded": _("a newer certificate took its place"),
        "cessationOfOperation": _("the holder needs it no longer, or its term was not signed in time"),
        "privilegeWithdrawn": _("the notary's office withdrew it"),
    }
    found = {f"why_revoked_{reason}": now.replace("{why}", why) for reason, why in whys.items()}
    return found | {f"why_revoked_later_{reason}": later.replace("{why}", why) for reason, why in whys.items()}
