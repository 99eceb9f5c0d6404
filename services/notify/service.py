"""Nameko's face of notify: translate, call, reply."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from chassis.events import handles
from chassis.rpc import Call, answers
from chassis.runner import RelayRunner, Remote, Wired
from contracts import certification, notify
from contracts.actor import system
from contracts.envelope import Envelope
from services.notify import application, wiring


class NotifyService:
    """Answers the operations of :mod:`contracts.notify` and sends what certification announces."""

    name = notify.SERVICE
    wired = Wired(wiring.build)
    relay = RelayRunner(lambda: wiring.build().outbox, lambda relay: wiring.build().wake(relay), lambda: wiring.build().lease)
    remote = Remote()

    @answers(notify.GET_MESSAGES)
    def get_messages(self, call: Call, data: dict[str, Any]) -> dict[str, Any]:
        """See the contract."""
        found = self.wired.notify.messages.of_emission(data["emission_id"])
        return {"messages": [asdict(message) for message in found]}

    @handles(certification.HOLDER_INVITED)
    def on_holder_invited(self, envelope: Envelope) -> None:
        """The clerk dispatched the invitation."""
        self._deliver(envelope, envelope.data["invitation_id"], "invitation")

    @handles(certification.CODE_SENT)
    def on_code_sent(self, envelope: Envelope) -> None:
        """The holder needs the one-time code."""
        self._deliver(envelope, envelope.data["code_id"], "code")

    @handles(certification.CONTACT_CODE_SENT)
    def on_contact_code_sent(self, envelope: Envelope) -> None:
        """The clerk verifies the contact with the person."""
        self._deliver(envelope, envelope.data["code_id"], "contact")

    @handles(certification.RENEWAL_NOTICE_REQUESTED)
    def on_renewal_notice_requested(self, envelope: Envelope) -> None:
        """The holder's certificate ends soon."""
        self._deliver(envelope, envelope.data["notice_id"], "renewal")

    def _deliver(self, envelope: Envelope, message_id: str, purpose: str) -> None:
        def outgoing(asked_id: str) -> Mapping[str, Any]:
            request = {"message_id": asked_id}
            reply: Mapping[str, Any] = self.remote(certification.GET_OUTGOING_MESSAGE, request, actor=system(notify.SERVICE))
            return reply

        asked = {
            "message_id": message_id,
            "emission_id": envelope.data["emission_id"],
            "purpose": purpose,
            "channel": envelope.data["channel"],
            "address_masked": envelope.data["address_masked"],
        }
        application.deliver(self.wired.notify, outgoing, asked, envelope.id)
