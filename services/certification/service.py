"""Nameko's entrypoints: translate, call, reply. Timers bring about what happens by itself."""

from __future__ import annotations

from typing import Any

from nameko.timer import Timer

from chassis.events import handles
from chassis.logs import get_logger
from chassis.outbox import Relay
from chassis.rpc import Call, answers
from chassis.runner import RelayRunner, Remote, Wired
from contracts import certification, conference, media, notify
from contracts.envelope import Envelope
from contracts.errors import TitularError
from services.certification.application import clerk, contacts, facts, handover, holder, issuing, place, reads, renewal, stuck
from services.certification.application.ending import give_notices
from services.certification.application.ports import Ports
from services.certification.application.preserving import preserve_terms
from services.certification.application.projection import follow
from services.certification.application.superseding import supersede_replaced
from services.certification.application.timers import expire_overdue
from services.certification.authority_entrypoints import AuthorityEntrypoints
from services.certification.looks_service import LookEntrypoints
from services.certification.settings import settings
from services.certification.wiring import Built, build

logger = get_logger(__name__)
FOLLOW_SECONDS = 2.0
Data = dict[str, Any]


class SettingsTimer(Timer):  # type: ignore[misc]
    """A timer whose interval is a setting."""

    def setup(self) -> None:
        """Read the setting: at import there may be none."""
        self.interval = settings().timer_seconds


def _wake_after_commit(relay: Relay) -> None:
    build().events.notify(relay.wake)


class CertificationService(AuthorityEntrypoints, LookEntrypoints):
    """See the README."""

    name = certification.SERVICE
    built: Built = Wired(build)
    relay = RelayRunner(lambda: build().events, _wake_after_commit, lambda: build().lease)
    remote = Remote()

    @property
    def ports(self) -> Ports:
        """The ports, with this worker's way to the registry."""
        return self.built.asking(self.remote)

    @answers(certification.START_EMISSION)
    def start_emission(self, call: Call, data: Data) -> Data:
        """See the operation."""
        return clerk.start_emission(self.ports, call, data)

    @answers(certification.ATTEST_IDENTIFICATION)
    def attest_identification(self, call: Call, data: Data) -> Data:
        """See the operation."""
        return clerk.attest_identification(self.ports, call, data)

    @answers(certification.CONFIRM_DATA)
    def confirm_data(self, call: Call, data: Data) -> Data:
        """See the operation."""
        return clerk.confirm_data(self.ports, call, data)

    @answers(certification.INVITE_HOLDER)
    def invite_holder(self, call: Call, data: Data) -> Data:
        """See the operation."""
        return clerk.invite_holder(self.ports, call, data)

    @answers(certification.SEND_CONTACT_CODE)
    def send_contact_code(self, call: Call, data: Data) -> Data:
        """See the operation."""
        return contacts.send_contact_code(self.ports, call, data)

    @answers(certification.VERIFY_CONTACT)
    def verify_contact(self, call: Call, data: Data) -> Data:
        """See the operation."""
        return contacts.verify_contact(self.ports, call, data)

    @answers(certification.GET_CONTACTS)
    def get_contacts(self, call: Call, data: Data) -> Data:
        """See the operation."""
        return contacts.get_contacts(self.ports, call, data)

    @answers(certification.REFUSE_EMISSION)
    def refuse_emission(self, call: Call, data: Data) -> Data:
        """See the operation."""
        return clerk.refuse_emission(self.ports, call, data)

    @answers(certification.MARK_INCONCLUSIVE)
    def mark_inconclusive(self, call: Call, data: Data) -> Data:
        """See the operation."""
        return clerk.mark_inconclusive(self.ports, call, data)

    @answers(certification.RETRY_IDENTIFICATION)
    def retry_identification(self, call: Call, data: Data) -> Data:
        """See the operation."""
        return clerk.retry_identification(self.ports, call, data)

    @answers(certification.CANCEL_EMISSION)
    def cancel_emission(self, call: Call, data: Data) -> Data:
        """See the operation."""
        return clerk.cancel_emission(self.ports, call, data)

    @answers(certification.REVOKE_CERTIFICATE)
    def revoke_certificate(self, call: Call, data: Data) -> Data:
        """See the operation."""
        return clerk.revoke_certificate(self.ports, call, data)

    @answers(certification.SHOW_LINK)
    def show_link(self, call: Call, data: Data) -> Data:
        """See the operation."""
        return handover.show_link(self.ports, call, data)

    @answers(certification.GET_SPOKEN_WORDS)
    def get_spoken_words(self, call: Call, data: Data) -> Data:
        """See the operation."""
        return handover.get_spoken_words(self.ports, call, data)

    @answers(certification.GET_EMISSION)
    def get_emission(self, call: Call, data: Data) -> Data:
        """See the operation."""
        return reads.get_emission(self.ports, call, data)

    @answers(certification.LIST_EMISSIONS)
    def list_emissions(self, call: Call, data: Data) -> Data:
        """See the operation."""
        return reads.list_emissions(self.ports, call, data)

    @answers(certification.LIST_STUCK)
    def list_stuck(self, call: Call, data: Data) -> Data:
        """See the operation."""
        return stuck.list_stuck(self.ports, call, data)

    @answers(certification.GET_PERSON_CERTIFICATE)
    def get_person_certificate(self, call: Call, data: Data) -> Data:
        """See the operation."""
        return reads.get_person_certificate(self.ports, call, data)

    @answers(certification.GET_HISTORY)
    def get_history(self, call: Call, data: Data) -> Data:
        """See the operation."""
        return reads.get_history(self.ports, call, data)

    @answers(certification.GET_DOCUMENT)
    def get_document(self, call: Call, data: Data) -> Data:
        """See the operation."""
        return reads.get_document(self.ports, call, data)

    @answers(certification.GET_OUTGOING_MESSAGE)
    def get_outgoing_message(self, call: Call, data: Data) -> Data:
        """See the operation."""
        return reads.get_outgoing_message(self.ports, call, data)

    @answers(certification.GET_HOLDER_LINK)
    def get_holder_link(self, call: Call, data: Data) -> Data:
        """See the operation."""
        return holder.get_holder_link(self.ports, call, data)

    @answers(certification.VERIFY_HOLDER_DATA)
    def verify_holder_data(self, call: Call, data: Data) -> Data:
        """See the operation."""
        return holder.verify_holder_data(self.ports, call, data)

    @answers(certification.RESEND_CODE)
    def resend_code(self, call: Call, data: Data) -> Data:
        """See the operation."""
        return holder.resend_code(self.ports, call, data)

    @answers(certification.RENEW_LINK)
    def renew_link(self, call: Call, data: Data) -> Data:
        """See the operation."""
        return renewal.renew_link(self.ports, call, data)

    @answers(certification.VERIFY_HOLDER_CODE)
    def verify_holder_code(self, call: Call, data: Data) -> Data:
        """See the operation."""
        return holder.verify_holder_code(self.ports, call, data)

    @answers(certification.GET_HOLDER_SESSION)
    def get_holder_session(self, call: Call, data: Data) -> Data:
        """See the operation."""
        return holder.get_holder_session(self.ports, call, data)

    @answers(certification.REQUEST_CERTIFICATE)
    def request_certificate(self, call: Call, data: Data) -> Data:
        """See the operation."""
        return issuing.request_certificate(self.ports, call, data)

    @answers(certification.GET_TERM_TO_SIGN)
    def get_term_to_sign(self, call: Call, data: Data) -> Data:
        """See the operation."""
        return issuing.get_term_to_sign(self.ports, call, data)

    @answers(certification.SIGN_TERM)
    def sign_term(self, call: Call, data: Data) -> Data:
        """See the operation."""
        return issuing.sign_term(self.ports, call, data)

    @answers(certification.GET_HOLDER_RESULT)
    def get_holder_result(self, call: Call, data: Data) -> Data:
        """See the operation."""
        return issuing.get_holder_result(self.ports, call, data)

    @answers(certification.GET_HOLDER_CHALLENGE)
    def get_holder_challenge(self, call: Call, data: Data) -> Data:
        """See the operation."""
        return place.get_holder_challenge(self.ports, call, data)

    @answers(certification.OPEN_HOLDER_PLACE)
    def open_holder_place(self, call: Call, data: Data) -> Data:
        """See the operation."""
        return place.open_holder_place(self.ports, call, data)

    @answers(certification.GET_HOLDER_PLACE)
    def get_holder_place(self, call: Call, data: Data) -> Data:
        """See the operation."""
        return place.get_holder_place(self.ports, call, data)

    @answers(certification.REVOKE_OWN_CERTIFICATE)
    def revoke_own_certificate(self, call: Call, data: Data) -> Data:
        """See the operation."""
        return place.revoke_own_certificate(self.ports, call, data)

    @answers(certification.GET_AUTHORITY)
    def get_authority(self, call: Call, data: Data) -> Data:
        """See the operation."""
        return reads.get_authority(self.ports, call, data)

    @answers(certification.GET_REVOCATION_LIST)
    def get_revocation_list(self, call: Call, data: Data) -> Data:
        """See the operation."""
        return reads.get_revocation_list(self.ports, call, data)

    @answers(certification.ANSWER_OCSP)
    def answer_ocsp(self, call: Call, data: Data) -> Data:
        """See the operation."""
        return reads.answer_ocsp(self.ports, call, data)

    @handles(conference.CONFERENCE_OPENED)
    def on_conference_opened(self, envelope: Envelope) -> None:
        """Note it in the history."""
        facts.note_conference(self.built.ports, envelope)

    @handles(conference.CONFERENCE_STARTED)
    def on_conference_started(self, envelope: Envelope) -> None:
        """Note it in the history."""
        facts.note_conference(self.built.ports, envelope)

    @handles(conference.PARTICIPANT_ADMITTED)
    def on_participant_admitted(self, envelope: Envelope) -> None:
        """Note it in the history."""
        facts.note_conference(self.built.ports, envelope)

    @handles(conference.PARTICIPANT_EJECTED)
    def on_participant_ejected(self, envelope: Envelope) -> None:
        """Note it in the history."""
        facts.note_conference(self.built.ports, envelope)

    @handles(conference.RECORDING_STARTED)
    def on_recording_started(self, envelope: Envelope) -> None:
        """Note it in the history."""
        facts.note_conference(self.built.ports, envelope)

    @handles(conference.RECORDING_STOPPED)
    def on_recording_stopped(self, envelope: Envelope) -> None:
        """Note it in the history."""
        facts.note_conference(self.built.ports, envelope)

    @handles(conference.CHECKLIST_ITEM_TICKED)
    def on_checklist_item_ticked(self, envelope: Envelope) -> None:
        """Note it in the history."""
        facts.note_conference(self.built.ports, envelope)

    @handles(conference.CHECKLIST_ITEM_CLEARED)
    def on_checklist_item_cleared(self, envelope: Envelope) -> None:
        """Note it in the history."""
        facts.note_conference(self.built.ports, envelope)

    @handles(conference.DOCUMENT_PICTURE_ACCEPTED)
    def on_document_picture_accepted(self, envelope: Envelope) -> None:
        """Note it in the history."""
        facts.note_conference(self.built.ports, envelope)

    @handles(conference.ABANDONMENT_WARNED)
    def on_abandonment_warned(self, envelope: Envelope) -> None:
        """Note it in the history."""
        facts.note_conference(self.built.ports, envelope)

    @handles(conference.CONFERENCE_ENDED)
    def on_conference_ended(self, envelope: Envelope) -> None:
        """Note it in the history."""
        facts.note_conference(self.built.ports, envelope)

    @handles(media.VIDEO_PROCESSED)
    def on_video_processed(self, envelope: Envelope) -> None:
        """Note it in the history."""
        facts.note_video(self.built.ports, envelope)

    @handles(media.VIDEO_FAILED)
    def on_video_failed(self, envelope: Envelope) -> None:
        """Note it in the history."""
        facts.note_video(self.built.ports, envelope)

    @handles(notify.NOTIFICATION_DELIVERED)
    def on_notification_delivered(self, envelope: Envelope) -> None:
        """Note it in the history."""
        facts.note_delivery(self.built.ports, envelope)

    @handles(notify.NOTIFICATION_FAILED)
    def on_notification_failed(self, envelope: Envelope) -> None:
        """Note it in the history."""
        facts.note_delivery(self.built.ports, envelope)

    @SettingsTimer.decorator(interval=0, eager=True)  # type: ignore[untyped-decorator]
    def end_overdue(self) -> None:
        """End what is overdue; what fails is tried again at the next tick."""
        try:
            ended = expire_overdue(self.built.ports)
        except TitularError as error:
            logger.warning("deadlines not looked at", code=error.code)
            return
        if ended:
            logger.info("overdue emissions ended", count=ended)

    @SettingsTimer.decorator(interval=0, eager=True)  # type: ignore[untyped-decorator]
    def preserve_signed_terms(self) -> None:
        """Give signed terms their long-term form; what fails is tried again at the next tick."""
        try:
            made = preserve_terms(self.built.ports)
        except TitularError as error:
            logger.warning("terms to be preserved not looked for", code=error.code)
            return
        if made:
            logger.info("terms preserved", count=made)

    @SettingsTimer.decorator(interval=0, eager=True)  # type: ignore[untyped-decorator]
    def give_notices(self) -> None:
        """Tell holders that their certificate ends soon; what fails is tried again at the next tick."""
        try:
            given = give_notices(self.ports)
        except TitularError as error:
            logger.warning("certificates that end soon not looked for", code=error.code)
            return
        if given:
            logger.info("holders told that their certificate ends", count=given)

    @Timer.decorator(interval=FOLLOW_SECONDS, eager=True)  # type: ignore[untyped-decorator]
    def supersede_replaced(self) -> None:
        """Revoke what a person's newer certificate has replaced; what fails is tried again at the next tick."""
        try:
            revoked = supersede_replaced(self.built.ports)
        except TitularError as error:
            logger.warning("replaced certificates not looked at", code=error.code)
            return
        if revoked:
            logger.info("replaced certificates revoked", count=revoked)

    @Timer.decorator(interval=FOLLOW_SECONDS, eager=True)  # type: ignore[untyped-decorator]
    def follow_events(self) -> None:
        """Bring the views up to date where a commit's own projection did not."""
        try:
            follow(self.built.ports)
        except TitularError as error:
            logger.warning("views not followed", code=error.code)
