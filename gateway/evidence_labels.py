"""Words for what is wrong with a recording as evidence: now, with what to do (warnings), and in the end (reasons).

By "person fault"; see :class:`contracts.media.EvidenceWarning` and :class:`contracts.media.EvidenceReason`.
"""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _

EVIDENCE: dict[str, dict[str, Any]] = {
    "evidence_warning": {
        "holder absent": _("The person is neither heard nor seen. Wait, or ask the person to enter by the link again."),
        "holder silence": _("The person has not been heard for 20 seconds. Ask the person to switch on the microphone."),
        "holder no_picture": _("The person's picture is not arriving. Ask the person to switch on the camera."),
        "holder black": _("The person's picture is black. Ask the person to uncover the camera or to switch it on."),
        "holder frozen": _("The person's picture stands still. Ask the person to switch the camera off and on again."),
        "holder small_picture": _("The person's picture is small (below 480 lines). Ask for a better connection, such as Wi-Fi."),
        "holder low_frame_rate": _("The person's picture jerks. Ask the person to close other programs or change the network."),
        "holder offset": _("The person's sound and picture run apart. Ask the person to enter by the link again."),
        "clerk absent": _("Your sound and picture are not being recorded. Leave the room and come in again."),
        "clerk silence": _("You have not been heard for 20 seconds. Check that your microphone is on."),
        "clerk no_picture": _("Your picture is not being recorded. Switch on your camera."),
        "clerk black": _("Your picture is black. Uncover your camera or switch it on."),
        "clerk frozen": _("Your picture stands still. Switch your camera off and on again."),
        "clerk small_picture": _("Your picture is small (below 480 lines). Check your camera and the connection."),
        "clerk low_frame_rate": _("Your picture jerks. Close other programs on this computer."),
        "clerk offset": _("Your sound and picture run apart. Leave the room and come in again."),
    },
    "evidence_reason": {
        "holder silence": _("The person was not heard"),
        "holder no_picture": _("The person was heard and not seen"),
        "holder black": _("The person's picture was black"),
        "holder frozen": _("The person's picture stood still"),
        "holder small_picture": _("The person's picture was small (below 480 lines)"),
        "holder low_frame_rate": _("The person's picture jerked (fewer than 10 pictures a second)"),
        "holder offset": _("The person's sound and picture ran apart"),
        "clerk silence": _("The clerk was not heard"),
        "clerk no_picture": _("The clerk was heard and not seen"),
        "clerk black": _("The clerk's picture was black"),
        "clerk frozen": _("The clerk's picture stood still"),
        "clerk small_picture": _("The clerk's picture was small (below 480 lines)"),
        "clerk low_frame_rate": _("The clerk's picture jerked (fewer than 10 pictures a second)"),
        "clerk offset": _("The clerk's sound and picture ran apart"),
        "alone": _("Not both people were present, in all for"),
        "not_measured": _("Could not be checked, in all for"),
    },
    "verdict": {
        "good": _("Sound and picture of both people are good."),
        "doubtful": _("Watch the recording before you go on: something was amiss."),
        "poor": _("The recording hardly serves as evidence. Consider repeating the conference."),
    },
}
"""The clerk reads them: "you" is the clerk."""
