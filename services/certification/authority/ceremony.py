"""``python -m services.certification.authority.ceremony``: key ceremonies that leave a written record, and what there is."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import click
from cryptography import x509
from cryptography.exceptions import InvalidSignature

from chassis.clock import now
from chassis.settings import load_or_exit
from services.certification.authority import files, generations, record
from services.certification.authority.certificates import Addresses, Issuer
from services.certification.authority.custody import Custody, FileCustody
from services.certification.authority.keys import custody_of, or_exit
from services.certification.authority.settings import AuthoritySettings
from services.certification.model.state import Revocation

Command = Callable[..., None]


def recorded(command: Command) -> Command:
    """What every ceremony is told: who is there, where, and where the record goes."""
    for option in (
        click.option(
            "--record",
            "record_folder",
            type=click.Path(path_type=Path, file_okay=False),
            default=Path(),
            help="Folder for the record.",
        ),
        click.option("--place", prompt="Place", help="Where the ceremony is held."),
        click.option(
            "--participant", "participants", multiple=True, help="Name and role; once for each. Asked for if none is given."
        ),
    ):
        command = option(command)
    return command


root_key = click.option(
    "--root-key",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="The root's key file where it is now; default: root.key in the folder, or the token.",
)


@click.group()
def main() -> None:
    """Key ceremonies of the certification authority. The folder, the passphrase and the token come from the TITULAR_ settings."""


@main.command()
@recorded
@click.option(
    "--root", "root_in", type=click.Choice(["file", "token"]), help="Where the root's key goes; default: with the others."
)
def create(participants: tuple[str, ...], place: str, record_folder: Path, root_in: str | None) -> None:
    """Make root, issuing authority, time-stamping service and status responder."""
    settings = load_or_exit(AuthoritySettings.read)
    if files.exists(settings.folder):
        raise click.ClickException(f"There is an authority in {settings.folder} already: nothing was done.")
    if root_in == "token" and settings.token is None:
        raise click.ClickException("No token is named: set TITULAR_AUTHORITY_PKCS11_MODULE, _TOKEN and _PIN.")
    custody = custody_of(settings)
    held = Ceremony("create", settings, custody, place, participants)
    with or_exit():
        root_custody = FileCustody(settings.passphrase) if root_in == "file" else None
        files.create(settings.folder, custody, Addresses(settings.public_url), now(), root_custody, held.note)
        held.end(record_folder)


@main.command("renew-root-list")
@recorded
@root_key
@click.option(
    "--revoke",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="A certificate that the root has signed, to be revoked.",
)
@click.option("--reason", type=click.Choice(["ca_compromise", "superseded", "cessation_of_operation"]), default="ca_compromise")
def renew_root_list(
    participants: tuple[str, ...], place: str, record_folder: Path, root_key: Path | None, revoke: Path | None, reason: str
) -> None:
    """Make the root's next revocation list, which counts for a year, and revoke an issuing certificate if one is named."""
    settings = load_or_exit(AuthoritySettings.read)
    custody = custody_of(settings)
    held = Ceremony("renew-root-list", settings, custody, place, participants)
    with or_exit():
        root = load_root(settings, custody, root_key)
        held.note("root's key opened")
        revoked = [_revocation(revoke, root, reason, now())] if revoke else []
        files.renew_root_list(settings.folder, root, now(), revoked)
        held.note(f"list {files.ROOT_LIST} signed by root, naming {len(list(_listed(settings.folder)))} certificates")
        held.end(record_folder)


@main.command("roll-over")
@recorded
@root_key
def roll_over(participants: tuple[str, ...], place: str, record_folder: Path, root_key: Path | None) -> None:
    """Make the next generation: issuing authority, time-stamping service and status responder with new keys.

    The former generation stays: it signs its list and its answers as long as its certificates are in use.
    """
    settings = load_or_exit(AuthoritySettings.read)
    with or_exit():
        custody = custody_of(settings)
        held = Ceremony("roll-over", settings, custody, place, participants)
        root = load_root(settings, custody, root_key)
        held.note("root's key opened")
        number = generations.roll_over(settings.folder, custody, root, Addresses(settings.public_url), now(), held.note)
        held.end(record_folder)
    click.echo(f"Bring the new files to the service and restart it: generation {number} issues from then on.")


@main.command()
def show() -> None:
    """Say what there is: certificates, until when they count, where their keys are."""
    settings = load_or_exit(AuthoritySettings.read)
    with or_exit():
        custody = custody_of(settings)
        for name in names_in(settings.folder):
            place = custody.place(settings.folder, name) if custody.holds(settings.folder, name) else "key not here"
            about = record.described(settings.folder, name, place)
            click.echo(f"{about['file']:18} {about['not_before'][:10]} to {about['not_after'][:10]}  {about['key']}")
            click.echo(f"{'':18} {about['subject']}, serial {about['serial']}")
            click.echo(f"{'':18} SHA-256 {about['sha256']}")
    if files.load_root_list(settings.folder) is not None:
        crl = _listed(settings.folder)
        until = f"{crl.last_update_utc:%Y-%m-%d} to {crl.next_update_utc:%Y-%m-%d}"
        click.echo(f"{files.ROOT_LIST:18} {until}  names {len(list(crl))} certificates")


class Ceremony:
    """One that is being held: notes its steps, and ends with the record and with what is to be done now."""

    def __init__(
        self, name: str, settings: AuthoritySettings, custody: Custody, place: str, participants: tuple[str, ...]
    ) -> None:
        self._folder, self._custody = settings.folder, custody
        self._record = record.begin(name, place, participants or _asked(), settings.folder, now)
        self.note = record.noting(self._record, now, click.echo)

    def end(self, record_folder: Path) -> None:
        """Write the record, and say what to take away and how to check."""
        places = {
            name: self._custody.place(self._folder, name) if self._custody.holds(self._folder, name) else "not on this machine"
            for name in names_in(self._folder)
        }
        record.finish(self._record, self._folder, places, now)
        written = record.write(self._record, record_folder)
        click.echo(f"\nRecord: {written} (with .json and .sha256). Print it and have it signed.")
        for name in self._record.move_offline:
            click.echo(
                f"Take away: {self._folder / name}. Copy it to two media, keep them in two safe places, and delete it here."
            )
            click.echo(f"Before, check each copy as the record says: {record.ROOT_KEY_CHECK}")
        click.echo(f"Check, in {self._folder}:")
        for command in self._record.checks:
            click.echo(f"  {command}")


def load_root(settings: AuthoritySettings, custody: Custody, root_key: Path | None) -> Issuer:
    """The root with its key, wherever that is now."""
    certificate = files.load_certificate(settings.folder, "root")
    if root_key is None:
        return Issuer(certificate, custody.load(settings.folder, "root", certificate))
    return Issuer(certificate, FileCustody(settings.passphrase).load(root_key.parent, root_key.stem, certificate))


def names_in(folder: Path) -> list[str]:
    """The certificates' names: the root's first, then each generation's."""
    root, *others = files.NAMES
    names = [root, *(generations.named(name, number) for number in generations.all_of(folder) for name in others)]
    return [name for name in names if (folder / f"{name}.pem").exists()]


def _asked() -> tuple[str, ...]:
    found: list[str] = []
    while (answer := click.prompt("Participant (name, role; empty to end)", default="", show_default=False)) or not found:
        if answer:
            found.append(answer)
    return tuple(found)


def _listed(folder: Path) -> x509.CertificateRevocationList:
    return x509.load_der_x509_crl(files.load_root_list(folder) or b"")


def _revocation(path: Path, root: Issuer, reason: str, moment: datetime) -> Revocation:
    certificate = x509.load_pem_x509_certificate(path.read_bytes())
    try:
        certificate.verify_directly_issued_by(root.certificate)
    except (ValueError, TypeError, InvalidSignature) as error:
        raise click.ClickException(f"{path} was not signed by this root: nothing was done.") from error
    return Revocation(f"{certificate.serial_number:032x}", moment, reason)


if __name__ == "__main__":
    main()
