"""Words for what an emission waits for, and for what to do about it."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _

WAITS: dict[str, dict[str, Any]] = {
    "awaited": {
        "room": _("The room was not opened"),
        "recording": _("The conference ended and no recording is known"),
        "recording_end": _("The conference ended and its recording did not"),
        "conference_end": _("The recording ended and the conference did not"),
        "video": _("The video is not ready"),
        "video_retry": _("The video failed"),
        "delivery": _("Nobody knows whether the message was delivered"),
        "issue": _("The certificate was asked for and not issued"),
        "term": _("The certificate was issued and the term was not made"),
        "signature": _("The term is not signed and the deadline is near"),
        "expiry": _("The deadline has passed and the emission did not end"),
    },
    "next_step": {
        "room": _("See whether the conference service and the video room's server run. It then opens by itself."),
        "recording": _(
            "If nothing was recorded, the clerk marks the attempt as inconclusive and repeats it. "
            "If something was, its event is among the unhandled ones: give it back."
        ),
        "recording_end": _("See whether the video room's server runs. The recording is closed as soon as it answers."),
        "conference_end": _("See whether the conference service runs. It tells the end as soon as the recording is closed."),
        "video": _(
            "See whether the video service runs and its disk has room. A long conference takes longer. "
            "The clerk can go on without waiting."
        ),
        "video_retry": _("Read the reason on the emission's page, mend it, and have the video processed again there."),
        "delivery": _(
            "See whether the message service runs and the mail or SMS provider answers. "
            "The clerk can send the link again, also by the other channel."
        ),
        "issue": _(
            "See whether certification runs. Then the holder opens the page on the phone again; "
            "if that page was closed, the clerk sends a new link."
        ),
        "term": _("Look into certification's log. The holder's page tries again when it is reloaded."),
        "signature": _("The clerk calls the holder, or sends a new link. Unsigned, the certificate is revoked at the deadline."),
        "expiry": _("See whether certification runs: its timer ends emissions whose deadline has passed."),
    },
}
