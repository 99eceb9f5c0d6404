"""Sentences that the room's script needs."""

from __future__ import annotations

from flask_babel import gettext as _


def room_texts() -> dict[str, str]:
    """By key; ``{…}`` is filled in by the script."""
    return {
        "permission_denied": _("Camera or microphone are not allowed. Allow them in the browser's address bar, then try again."),
        "no_device": _("No camera or microphone was found. Connect one, then try again."),
        "device_busy": _("Camera or microphone are in use by another program. Close it, then try again."),
        "insecure": _("This browser gives no access to the camera here. Open the link in Safari or Chrome."),
        "connecting": _("Connecting…"),
        "reconnecting": _("The connection was lost. Reconnecting…"),
        "failed": _("The room cannot be reached. Check the internet connection and try again."),
        "left": _("You left the room."),
        "ended": _("The conference has ended."),
        "name_missing": _("Type your name."),
        "you": _("You"),
        "screen_of": _("Screen of {name}"),
        "screen_denied": _("The screen was not shared."),
        "no_token": _("The link is incomplete. Open it again from the message, or copy it whole."),
    }
