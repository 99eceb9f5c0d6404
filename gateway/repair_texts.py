"""What a person can do where camera, microphone, sound or connection fail, as it is done in each browser and system.

A key is the failure's code, then what it holds for: ``.browser.system``, ``.system`` or ``.browser`` (for ``in_app`` the
app in the browser's place); the script takes the most special one and adds ``.settings.system``.
"""

from __future__ import annotations

from flask_babel import gettext as _

Steps = dict[str, list[str]]


def repair_texts() -> Steps:
    """All steps, in the reader's language."""
    return _permission() | _permission_settings() | _devices() | _sounds() | _leading_out()


def _permission() -> Steps:
    again = _("Come back here and press “Try again”.")
    switch_on = _("Switch “Camera” and “Microphone” on.")
    left_of_address = _("Press the small sign left of the page's address, at the top.")
    iphone = [_("Open the iPhone's “Settings”."), _("Go down to the browser's name and press it."), switch_on, again]
    return {
        "permission_denied": [left_of_address, switch_on, again],
        "permission_denied.android": [left_of_address, _("Press “Permissions”."), switch_on, again],
        "permission_denied.samsung.android": [
            _("Press the padlock left of the page's address."),
            _("Press “Permissions”."),
            switch_on,
            again,
        ],
        "permission_denied.firefox.android": [
            _("Press the padlock left of the page's address."),
            _("Press “Camera” and “Microphone” until both say “Allowed”."),
            again,
        ],
        "permission_denied.ios": iphone,
        "permission_denied.safari.ios": [
            _("Press the sign left of the address (“aA” or a small page)."),
            _("Press “Website Settings”, or the three dots and then the gear."),
            _("Choose “Allow” for “Camera” and “Microphone”."),
            again,
        ],
        "permission_denied.safari.macos": [
            _("In the menu “Safari”, at the top of the screen, choose “Settings for This Website…”."),
            _("Choose “Allow” for “Camera” and “Microphone”."),
            again,
        ],
        "permission_denied.firefox": [
            _("Click the struck-through camera or microphone left of the page's address."),
            _("Click the “x” beside “Blocked”."),
            _("Click “Try again” here, and “Allow” where Firefox asks."),
        ],
    }


def _permission_settings() -> Steps:
    still = "permission_denied.settings."
    return {
        still + "android": [
            _("Still not? In the phone's “Settings”, under “Apps”, press the browser, then “Permissions”, and allow both."),
        ],
        still + "windows": [
            _("Still not? In Windows' “Settings”, under “Privacy & security”, allow the camera and the microphone."),
        ],
        still + "macos": [
            _("Still not? In “System Settings”, under “Privacy & Security”, allow this browser the camera and the microphone."),
        ],
    }


def _devices() -> Steps:
    again = _("Press “Try again”.")
    close_apps = _("Close other apps that use the camera: WhatsApp, Zoom, Teams, Meet, the camera itself.")
    close_calls = _("End telephone and video calls.")
    return {
        "no_device": [
            _("Connect camera and microphone, and look whether the cable sits firmly."),
            _("Look whether the computer has a cover over the camera, or a key that switches it off."),
            again,
        ],
        "no_device.android": [_("Close the browser and open the link again."), _("Restart the phone."), again],
        "no_device.ios": [_("Close the browser and open the link again."), _("Restart the phone."), again],
        "device_busy": [close_apps, _("Close other tabs of the browser in which a meeting is open."), again],
        "device_busy.android": [close_calls, close_apps, again],
        "device_busy.ios": [close_calls, close_apps, again],
        "insecure": [_("Copy the link that you received."), _("Open it in Chrome, Edge, Firefox or Safari.")],
        "insecure.ios": [_("Copy the link that you received."), _("Open it in Safari.")],
        "insecure.android": [_("Copy the link that you received."), _("Open it in Chrome.")],
        "failed": [_("Close the browser and open the link again."), _("Try another browser or another device."), again],
    }


def _sounds() -> Steps:
    again = _("Press “Try again”.")
    headset = _("Take off wireless earphones, or switch Bluetooth off: the sound may go there.")
    return {
        "silent": [
            _("Speak aloud, close to the device."),
            _("Look whether the headset has a switch that mutes it."),
            _("Choose another microphone under the picture, if there is a list."),
            again,
        ],
        "silent.android": [_("Speak aloud, close to the phone."), _("Keep the hole below the screen free."), headset, again],
        "silent.ios": [_("Speak aloud, close to the phone."), _("Keep the hole below the screen free."), headset, again],
        "sound": [
            _("Raise the volume of the computer and look whether it is muted."),
            _("Look whether the right loudspeakers or earphones are chosen in the system's sound settings."),
            again,
        ],
        "sound.android": [_("Press the upper volume key at the side of the phone a few times."), headset, again],
        "sound.ios": [
            _("Press the upper volume key at the side of the phone a few times."),
            _("Look whether the silent mode is on, and switch it off."),
            headset,
            again,
        ],
        "connection": [
            _("Go closer to the Wi-Fi router, or use a cable."),
            _("Switch VPN off, and stop downloads."),
            _("In a company's network, ask whether video calls are allowed, or use the phone's internet."),
            again,
        ],
        "connection.android": _phone_connection(again),
        "connection.ios": _phone_connection(again),
    }


def _phone_connection(again: str) -> list[str]:
    return [
        _("Go closer to the Wi-Fi router."),
        _("Or switch Wi-Fi off and use mobile data (or the other way round)."),
        _("Switch VPN off, if you use one."),
        again,
    ]


def _leading_out() -> Steps:
    dots_above = _("Press the three dots (⋮ or ⋯) at the top, on the right.")
    safari = _("Choose “Open in Safari” or “Open in browser”.")
    chrome = _("Choose “Open in Chrome” or “Open in browser”.")
    return {
        "in_app": [_("Look for three dots (⋮ or ⋯) or an arrow at the edge of the screen and press it."), chrome],
        "in_app.android": [dots_above, chrome],
        "in_app.ios": [_("Look for three dots (⋯), an arrow or a compass at the edge of the screen and press it."), safari],
        "in_app.whatsapp.ios": [_("Press the compass, at the bottom on the right."), safari],
        "in_app.instagram.ios": [dots_above, _("Choose “Open in external browser”.")],
        "in_app.instagram.android": [dots_above, _("Choose “Open in external browser”.")],
        "in_app.facebook.ios": [dots_above, _("Choose “Open in external browser”.")],
        "in_app.facebook.android": [dots_above, _("Choose “Open in external browser”.")],
        "in_app.messenger.ios": [_("Press the three dots (⋯) at the bottom, on the right."), safari],
        "in_app.messenger.android": [dots_above, chrome],
        "in_app.tiktok.ios": [dots_above, _("Choose “Open in browser”.")],
        "in_app.tiktok.android": [dots_above, _("Choose “Open in browser”.")],
    }
