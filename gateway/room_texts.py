"""Sentences that the room's script needs."""

from __future__ import annotations

from flask_babel import gettext as _


def room_texts() -> dict[str, str]:
    """By key; ``{…}`` is filled in by the script."""
    return (
        _check_texts()
        | _change_texts()
        | _admission_texts()
        | _picture_texts()
        | {
            "permission_denied": _("The browser does not allow camera and microphone"),
            "no_device": _("No camera or microphone was found"),
            "device_busy": _("Camera or microphone are in use by another program"),
            "insecure": _("This browser gives no access to the camera here"),
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
    )


def _admission_texts() -> dict[str, str]:
    """Of the waiting room: to the holder what the clerk decided, to the clerk who waits."""
    return {
        "waiting_open": _("The conference has not begun yet. Your name is on the list of who waits."),
        "waiting_started": _("The clerk has been told that you are here and will let you in shortly."),
        "admitted": _("You were admitted. Entering…"),
        "refused": _("The clerk did not let you in now. Check your name, and ask again if you are expected."),
        "ejected": _("The clerk removed you from the room. If you are still expected, you may ask to come in again."),
        "replaced": _("Somebody else with this link was admitted. If it was not you on another device, ask to come in again."),
        "asks_in": _("{name} is waiting to come in."),
    }


def _picture_texts() -> dict[str, str]:
    """Of the picture of the document, to the holder."""
    return {
        "picture_aim": _("Hold the document inside the frame, close to the camera and well lit. Then press “Take the picture”."),
        "picture_taking": _("Hold still…"),
        "picture_look": _("Can everything be read? Then send it. If not, take it again."),
        "picture_sending": _("Sending…"),
        "picture_sent": _("The picture was sent. Thank you."),
        "picture_camera_off": _("Your camera is off. Go back to the conversation and switch it on."),
        "picture_failed": _("The picture could not be taken. Try again."),
        "picture_not_sent": _("The picture was not sent. Check the internet connection and send it again."),
        "picture_asked": _("The clerk asks for a picture of your document."),
    }


def _check_texts() -> dict[str, str]:
    """Of the check before joining: a part and what was found of it, or what to do about it."""
    return {
        "camera_idle": _("not switched on yet"),
        "camera_busy": _("choose “Allow” where the browser asks"),
        "camera_good": _("works: you should see yourself"),
        "camera_bad": _("does not work"),
        "camera_number": _("Camera {number}"),
        "microphone_idle": _("not on yet"),
        "microphone_busy": _("say something, the bar should move"),
        "microphone_good": _("works: we hear you"),
        "microphone_doubt": _("nothing heard so far: say something aloud"),
        "microphone_bad": _("does not work"),
        "microphone_number": _("Microphone {number}"),
        "sound_idle": _("can you hear us?"),
        "sound_busy": _("three notes are played"),
        "sound_good": _("works: you hear us"),
        "sound_doubt": _("not heard"),
        "connection_idle": _("not tried yet"),
        "connection_busy": _("trying…"),
        "connection_good": _("good"),
        "connection_doubt": _("slow: it may falter, but you may enter"),
        "connection_bad": _("the room does not answer; you may try to enter all the same"),
        "silent": _("The microphone hears nothing"),
        "sound": _("You did not hear the sound"),
        "connection": _("The connection is weak, or something blocks it"),
    }


def _change_texts() -> dict[str, str]:
    """Of what changes while people are in the room."""
    return {
        "arrived": _("{name} is in the room."),
        "departed": _("{name} left the room."),
        "own_audio_off": _("Your microphone is off."),
        "own_audio_on": _("Your microphone is on."),
        "own_video_off": _("Your camera is off."),
        "own_video_on": _("Your camera is on."),
        "their_audio_off": _("{name} switched the microphone off."),
        "their_audio_on": _("{name} switched the microphone on."),
        "their_video_off": _("{name} switched the camera off."),
        "their_video_on": _("{name} switched the camera on."),
        "own_picture_off": _(
            "Your connection is weak: your picture was stopped so that you are still heard. It comes back by itself."
        ),
        "own_picture_on": _("Your picture is sent again."),
        "their_picture_off": _("{name}'s connection is weak: sound only for now."),
        "their_picture_on": _("{name}'s picture is back."),
        "recording_on": _("The recording has begun."),
        "recording_off": _("The recording has stopped."),
        "network_good": _("Good connection"),
        "network_fair": _("Fair connection"),
        "network_weak": _("Weak connection"),
        "network_weak_said": _("Your connection is weak. Go closer to the Wi-Fi router."),
        "device_lost": _("Camera or microphone was cut off. Leave the room and enter again."),
    }
