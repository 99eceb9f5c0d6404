"""Who listens to what: exchanges, queues and their names, known to operators and tests without asking a service."""

from __future__ import annotations

from dataclasses import dataclass

SERVICES = ("registry", "certification", "conference", "media", "notify")
SOURCES = (*SERVICES, "gateway")
RETRY_DELAYS_SECONDS = (1, 5, 30)


def exchange_name(source: str) -> str:
    """Nameko's convention, so that any Nameko service can subscribe."""
    return f"{source}.events"


@dataclass(frozen=True, slots=True)
class Subscription:
    """One consumer: ``service`` handles events ``event`` of ``source`` in ``method``."""

    service: str
    method: str
    source: str
    event: str

    @property
    def queue(self) -> str:
        """Nameko's queue name for a service-pool event handler."""
        return f"evt-{self.source}-{self.event}--{self.service}.{self.method}"

    @property
    def dead(self) -> str:
        """Where events lie that could not be handled."""
        return f"{self.queue}.dead"

    def retry(self, seconds: int) -> str:
        """Where an event waits ``seconds`` before it comes back."""
        return f"{self.queue}.retry.{seconds}s"


SUBSCRIPTIONS = (
    Subscription("conference", "on_emission_started", "certification", "EmissionStarted"),
    Subscription("conference", "on_identification_retried", "certification", "IdentificationRetried"),
    Subscription("conference", "on_emission_refused", "certification", "EmissionRefused"),
    Subscription("conference", "on_emission_cancelled", "certification", "EmissionCancelled"),
    Subscription("conference", "on_emission_inconclusive", "certification", "EmissionInconclusive"),
    Subscription("conference", "on_emission_expired", "certification", "EmissionExpired"),
    Subscription("certification", "on_conference_opened", "conference", "ConferenceOpened"),
    Subscription("certification", "on_conference_started", "conference", "ConferenceStarted"),
    Subscription("certification", "on_recording_started", "conference", "RecordingStarted"),
    Subscription("certification", "on_recording_stopped", "conference", "RecordingStopped"),
    Subscription("certification", "on_participant_admitted", "conference", "ParticipantAdmitted"),
    Subscription("certification", "on_participant_ejected", "conference", "ParticipantEjected"),
    Subscription("certification", "on_checklist_item_ticked", "conference", "ChecklistItemTicked"),
    Subscription("certification", "on_checklist_item_cleared", "conference", "ChecklistItemCleared"),
    Subscription("certification", "on_document_picture_accepted", "conference", "DocumentPictureAccepted"),
    Subscription("certification", "on_abandonment_warned", "conference", "AbandonmentWarned"),
    Subscription("certification", "on_conference_ended", "conference", "ConferenceEnded"),
    Subscription("certification", "on_video_processed", "media", "VideoProcessed"),
    Subscription("certification", "on_video_failed", "media", "VideoFailed"),
    Subscription("certification", "on_notification_delivered", "notify", "NotificationDelivered"),
    Subscription("certification", "on_notification_failed", "notify", "NotificationFailed"),
    Subscription("media", "on_recording_started", "conference", "RecordingStarted"),
    Subscription("media", "on_recording_stopped", "conference", "RecordingStopped"),
    Subscription("notify", "on_holder_invited", "certification", "HolderInvited"),
    Subscription("notify", "on_code_sent", "certification", "CodeSent"),
    Subscription("notify", "on_contact_code_sent", "certification", "ContactCodeSent"),
    Subscription("notify", "on_renewal_notice_requested", "certification", "RenewalNoticeRequested"),
)
