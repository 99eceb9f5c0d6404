"""Nameko's face of the registry: translate, call, reply."""

from __future__ import annotations

from typing import Any

from nameko.timer import Timer

from chassis.logs import get_logger
from chassis.rpc import Call, answers
from chassis.runner import RelayRunner, Wired
from contracts import registry as contract
from contracts.errors import TitularError
from services.registry import application, looks, wiring

logger = get_logger(__name__)
TIDY_SECONDS = 30.0


class RegistryService:
    """Answers the operations of :mod:`contracts.registry`."""

    name = contract.SERVICE
    wired = Wired(wiring.build)
    relay = RelayRunner(lambda: wiring.build().outbox, lambda relay: wiring.build().wake(relay), lambda: wiring.build().lease)

    @answers(contract.FIND_PERSON)
    def find_person(self, call: Call, data: dict[str, Any]) -> dict[str, Any]:
        """See the contract."""
        return application.find_person(self.wired.registry, data["cpf"])

    @answers(contract.GET_REGISTRATION)
    def get_registration(self, call: Call, data: dict[str, Any]) -> dict[str, Any]:
        """See the contract."""
        return application.get_registration(self.wired.registry, data["registration_id"], data["version"])

    @answers(contract.GET_ATTACHMENT)
    def get_attachment(self, call: Call, data: dict[str, Any]) -> Any:
        """See the contract."""
        return application.get_attachment(self.wired.registry, data["registration_id"], data["attachment_id"])

    @answers(contract.REGISTER_PERSON)
    def register_person(self, call: Call, data: dict[str, Any]) -> dict[str, Any]:
        """See the contract."""
        return application.register_person(self.wired.registry, call.actor, call.command_id, data["cpf"], data["data"])

    @answers(contract.UPDATE_REGISTRATION)
    def update_registration(self, call: Call, data: dict[str, Any]) -> dict[str, Any]:
        """See the contract."""
        return application.update_registration(
            self.wired.registry, call.actor, call.command_id, data["registration_id"], data["expected_version"], data["data"]
        )

    @answers(contract.ADD_ATTACHMENT)
    def add_attachment(self, call: Call, data: dict[str, Any]) -> dict[str, Any]:
        """See the contract."""
        return application.add_attachment(
            self.wired.registry,
            call.actor,
            call.command_id,
            data["registration_id"],
            data["kind"],
            data["filename"],
            data["incoming_key"],
        )

    @answers(contract.BLOCK_PERSON)
    def block_person(self, call: Call, data: dict[str, Any]) -> dict[str, Any]:
        """See the contract."""
        return application.block_person(
            self.wired.registry, call.actor, call.command_id, data["cpf"], data["reason"], data.get("note")
        )

    @answers(contract.UNBLOCK_PERSON)
    def unblock_person(self, call: Call, data: dict[str, Any]) -> dict[str, Any]:
        """See the contract."""
        return application.unblock_person(self.wired.registry, call.actor, call.command_id, data["cpf"])

    @answers(contract.NOTE_LOOK)
    def note_look(self, call: Call, data: dict[str, Any]) -> dict[str, Any]:
        """See the contract."""
        return looks.note_look(self.wired.registry, self.wired.looks, call.actor, data)

    @answers(contract.LIST_LOOKS)
    def list_looks(self, call: Call, data: dict[str, Any]) -> dict[str, Any]:
        """See the contract."""
        return looks.list_looks(self.wired.looks, data)

    @Timer.decorator(interval=TIDY_SECONDS)  # type: ignore[untyped-decorator]
    def tidy_uploads(self) -> None:
        """Remove forgotten uploads; what fails is tried again at the next tick."""
        wired = self.wired
        try:
            removed = application.remove_forgotten_uploads(wired.registry, wired.settings.uploads_kept)
        except TitularError as error:
            logger.warning("uploads not tidied", code=error.code)
            return
        if removed:
            logger.info("forgotten uploads removed", count=removed)
