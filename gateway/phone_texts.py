"""Sentences that the phone page's script needs."""

from __future__ import annotations

from flask_babel import gettext as _


def phone_texts() -> dict[str, str]:
    """By key; ``{…}`` is filled in by the script."""
    return {
        "no_token": _("The link is incomplete. Open it again from the message, or copy it whole."),
        "no_token_help": _("It must end with a long row of letters and digits."),
        "empty_icon": _("No certificate is kept in this icon."),
        "empty_icon_help": _("Open the page in the browser in which you made the certificate: the key is there."),
        "lack_in_app": _("You are inside an app, where the key would be lost."),
        "lack_in_app_help": _("Nothing is lost, and your link is still good. Choose one of these ways:"),
        "lack_insecure": _("This address is not protected (https), so that no key can be made here."),
        "lack_insecure_help": _("Open the link as it stands in the message, and tell the notary's office."),
        "lack_no_keys": _("This browser is too old to make a key safely."),
        "lack_no_keys_help": _("Nothing is lost, and your link is still good. Choose one of these ways:"),
        "lack_no_storage": _("This browser cannot keep a key. Perhaps it is a private window, or too old."),
        "lack_no_storage_help": _("Nothing is lost, and your link is still good. Choose one of these ways:"),
        "greeting": _("Hello, {name}."),
        "code_sent_email": _("We sent a code to {address}."),
        "code_sent_sms": _("We sent a code by SMS to {address}."),
        "code_again": _("A code was already sent to you. Type it here, or have it sent again."),
        "sends_left": _("You can have it sent {count} more times."),
        "no_sends_left": _("No more codes can be sent by this link. Ask the notary's office for a new one."),
        "code_six": _("The code has six digits."),
        "words_missing": _("Type the two words that the clerk told you."),
        "cpf_invalid": _("This CPF is not valid. Check its digits."),
        "date_invalid": _("Type the date of birth as day, month and year, for instance 07/03/1985."),
        "term_checked": _("Checked by your phone: what you sign is exactly this document."),
        "term_differs": _("What is to be signed does not belong to this document. Do not sign; tell the notary's office."),
        "done": _("Protocol {protocol}. Valid until {day}."),
        "renewable": _("This link has expired. You can have another one sent to you."),
        "protected_by_device": _("The key is protected by the unlock of this device: fingerprint, face or code."),
        "protected_by_browser": _("The key is protected by this browser."),
        "declined": _("The device was not unlocked."),
        "declined_new": _("Try again, or go on without it: the key is then protected by this browser alone."),
        "declined_help": _("The key needs it for signing. Nothing was lost: try again."),
        "key_lost": _("The key was not found on this phone."),
        "key_lost_help": _("Ask the notary's office for a new link, and do everything in one go on one phone."),
        "used_elsewhere": _("This link was already begun in another window or on another phone."),
        "used_elsewhere_help": _("Go on there. If it was not you, tell the notary's office at once."),
        "status_valid": _("Valid until {day}."),
        "status_expired": _("It was valid until {day}."),
        "status_revoked": _("Revoked on {day}: it is not valid any more."),
        "protocol": _("Protocol {protocol}"),
        "place_expired": _("For your safety, open the certificate again."),
        "seen_line": _("{when}: {what} – {role}, office {office}"),
        "seen_nobody": _("Nobody has looked so far."),
        "seen_unknown": _("This cannot be told at the moment. Open the certificate again later."),
        "seen_line_no_office": _("{when}: {what} – {role}"),
        "reason_key_compromise": _("The phone was lost, or another person used the key."),
        "reason_cessation_of_operation": _("You no longer want the certificate."),
        "offline": _("No connection. Check the internet of your phone and try again."),
        "failed": _("Something failed. Nothing was lost: try again."),
    }
