"""Makes the installation's secrets at the first start and gives each part those that it needs, as files of its own volume.

Run again it keeps what is there: only addresses are written anew. Nothing is printed. Removing the volume ``secrets`` makes all
stored data unreadable: back it up (docs/operations.md).
"""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Mapping
from pathlib import Path

MASTER = Path(os.environ.get("SECRETS_FOLDER", "/secrets"))
NAMES = (
    *("secret", "authority_password", "broker_password", "documents_password", "documents_key", "event_store_password"),
    *("objects_secret_key", "objects_signing_key", "sfu_api_secret", "sfu_token_secret", "sfu_admin_key", "turn_secret"),
    "grafana_password",
)
USER = "titular"
DATABASE_USER_ID = 999
"""MongoDB's in its image: it refuses a key that others could read."""


def keep(path: Path) -> dict[str, str]:
    """The secrets of this installation; those that are missing are made."""
    kept: dict[str, str] = json.loads(path.read_text()) if path.exists() else {}
    complete = {name: kept.get(name) or secrets.token_hex(24) for name in NAMES}
    if complete != kept:
        fresh = path.with_suffix(".new")
        fresh.touch(mode=0o600)
        with fresh.open("w") as file:
            json.dump(complete, file, indent=2)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(path)
    return complete


def addresses(kept: Mapping[str, str], env: Mapping[str, str]) -> dict[str, str]:
    """Where the stores are, with their passwords; each can be set from outside."""
    broker, documents, events = kept["broker_password"], kept["documents_password"], kept["event_store_password"]
    return {
        "broker_url": env.get("BROKER_URL") or f"amqp://{USER}:{broker}@rabbitmq:5672/",
        "documents_url": env.get("DOCUMENTS_URL")
        or f"mongodb://{USER}:{documents}@documents:27017/?replicaSet=titular&authSource=admin&w=majority&journal=true",
        "event_store_url": env.get("EVENT_STORE_URL") or f"postgresql://{USER}:{events}@events:5432/titular",
    }


def files(kept: Mapping[str, str], env: Mapping[str, str]) -> dict[str, dict[str, str]]:
    """What lies in each part's volume."""
    all_of_it = {**kept, **addresses(kept, env)}

    def some(*names: str) -> dict[str, str]:
        return {name: all_of_it[name] for name in names}

    stores = ("broker_url", "documents_url")
    return {
        "registry": some(*stores, "objects_secret_key", "secret"),
        "certification": some(*stores, "event_store_url", "objects_secret_key", "secret", "authority_password"),
        "conference": some(*stores, "secret", "sfu_api_secret", "sfu_token_secret", "sfu_admin_key", "turn_secret"),
        "media": some(*stores, "objects_secret_key"),
        "notify": some(*stores),
        "gateway": some(*stores, "objects_secret_key", "secret"),
        "sfu": some("sfu_api_secret", "sfu_token_secret", "sfu_admin_key"),
        "rabbitmq": {"titular.conf": f"default_user = {USER}\ndefault_pass = {kept['broker_password']}\n"},
        "documents": {"password": kept["documents_password"], "key": kept["documents_key"]},
        "events": {"password": kept["event_store_password"]},
        "objects": {"s3.json": object_identities(kept), "security.toml": object_keys(kept)},
        "turn": {"turnserver.conf": turn_configuration(kept, env)},
        "grafana": {"password": kept["grafana_password"]},
    }


def object_identities(kept: Mapping[str, str]) -> str:
    """SeaweedFS: who may do what by S3."""
    identity = {
        "name": USER,
        "credentials": [{"accessKey": USER, "secretKey": kept["objects_secret_key"]}],
        "actions": ["Admin", "Read", "Write", "List", "Tagging"],
    }
    return json.dumps({"identities": [identity]}, indent=2)


def object_keys(kept: Mapping[str, str]) -> str:
    """SeaweedFS: without these keys its filer and volumes would obey anyone who reaches them."""
    sections = ("jwt.signing", "jwt.signing.read", "jwt.filer_signing", "jwt.filer_signing.read")
    return "".join(f'[{section}]\nkey = "{kept["objects_signing_key"]}"\n' for section in sections)


def turn_configuration(kept: Mapping[str, str], env: Mapping[str, str]) -> str:
    """coturn: relays to the SFU and to nobody else, for who has a credential of the conference (valid for hours)."""
    address = env.get("TITULAR_SFU_ADDRESS", "")
    peers = [peer for peer in (env.get("SFU_INTERNAL_ADDRESS", ""), address) if peer]
    lines = [
        "listening-port=3478",
        "use-auth-secret",
        f"static-auth-secret={kept['turn_secret']}",
        f"realm={env.get('TITULAR_HOST') or 'localhost'}",
        "min-port=49160",
        "max-port=49259",
        "fingerprint",
        "no-cli",
        "no-tls",
        "no-dtls",
        "no-tcp-relay",
        "no-multicast-peers",
        "stale-nonce=600",
        "log-file=stdout",
        "simple-log",
        "pidfile=/tmp/turnserver.pid",
        "userdb=/tmp/turnserver.sqlite",
        *(f"allowed-peer-ip={peer}" for peer in peers),
        "denied-peer-ip=0.0.0.0-255.255.255.255",
        "denied-peer-ip=::-ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
    ]
    if address:
        lines.append(f"external-ip={address}")
    return "\n".join(lines) + "\n"


def write(folder: Path, content: Mapping[str, str]) -> None:
    """Each file whole or not at all. The volume is its part's alone: within it everyone may read."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in content.items():
        fresh = folder / f".{name}.new"
        fresh.write_text(text)
        fresh.chmod(0o444)
        if (folder.name, name) == ("documents", "key"):
            fresh.chmod(0o400)
            os.chown(fresh, DATABASE_USER_ID, DATABASE_USER_ID)
        fresh.replace(folder / name)


def main() -> None:
    """Make, keep, hand out."""
    kept = keep(MASTER / "kept" / "secrets.json")
    for part, content in files(kept, os.environ).items():
        write(MASTER / part, content)


if __name__ == "__main__":
    main()
