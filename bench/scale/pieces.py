"""Service times of single pieces: an append, a stored object, a handshake; and what the stores hold."""

from __future__ import annotations

import contextlib
import secrets
import sqlite3
import ssl
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import bson
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from minio import Minio

from bench.scale.driving import Driver
from bench.scale.probes import processors
from chassis.event_store import EventStore
from chassis.stored_events import Record

APPENDS, OBJECTS, OBJECT_BYTES, HANDSHAKES = 300, 8, 8_000_000, 200


def append_seconds(folder: Path) -> tuple[float, float]:
    """(processor seconds, seconds) of one durable append."""
    folder.mkdir()
    store = EventStore(f"sqlite:///{folder / 'events.sqlite'}", "bench")
    record = Record("Happened", datetime.now(UTC), {"user_id": "u", "role": "clerk"}, {"text": "x" * 300}, "command")
    used, begun = time.process_time(), time.monotonic()
    for number in range(APPENDS):
        store.append(f"stream-{number}", 0, [record])
    found = (time.process_time() - used) / APPENDS, (time.monotonic() - begun) / APPENDS
    store.close()
    return found


def object_seconds(driver: Driver) -> float:
    """Processor seconds of the object store for a megabyte that is stored, or read."""
    objects, content = driver.stores.objects, secrets.token_bytes(OBJECT_BYTES)
    before = processors(driver.target.pids())["objects"]
    for number in range(OBJECTS):
        objects.put("bench", f"{number}", content, "application/octet-stream")
        objects.get("bench", f"{number}")
    used = processors(driver.target.pids())["objects"] - before
    for number in range(OBJECTS):
        objects.remove("bench", f"{number}")
    return used / (2 * OBJECTS * OBJECT_BYTES / 1e6)


def stored_bytes(driver: Driver) -> dict[str, float]:
    """What the stores hold, by store: histories as they are on disk, documents as BSON, small objects."""
    stores = driver.stores
    with contextlib.closing(sqlite3.connect(driver.target.configuration.data / "certification" / "events.sqlite")) as connection:
        pages, free, size = (
            connection.execute(f"PRAGMA {name}").fetchone()[0] for name in ("page_count", "freelist_count", "page_size")
        )
    histories = (pages - free) * size
    documents = 0
    for name in stores.client.list_database_names():
        if name.startswith("titular_"):
            for collection in stores.client[name].list_collection_names():
                documents += sum(len(bson.encode(one)) for one in stores.client[name][collection].find())
    return {"event_store": histories, "documents": documents, "objects": _small_objects(driver)}


def _small_objects(driver: Driver) -> float:
    """All but videos and their cells."""
    configuration = driver.target.configuration
    endpoint, secret = f"127.0.0.1:{configuration.ports['objects'] + 3}", configuration.secrets["object_secret"]
    client = Minio(endpoint, access_key="titular", secret_key=secret, secure=False)
    buckets = [bucket.name for bucket in client.list_buckets() if not bucket.name.endswith(("videos", "cells", "bench"))]
    return float(sum(one.size or 0 for bucket in buckets for one in client.list_objects(bucket_name=bucket, recursive=True)))


def handshake_seconds(folder: Path) -> float:
    """Processor seconds of one end of a TLS 1.3 handshake."""
    certificate = _certificate(folder)
    server, client = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), ssl.create_default_context(cafile=str(certificate))
    server.load_cert_chain(certificate)
    used = time.process_time()
    for _ in range(HANDSHAKES):
        _shake_hands(server, client)
    return (time.process_time() - used) / HANDSHAKES / 2


def _shake_hands(server: ssl.SSLContext, client: ssl.SSLContext) -> None:
    to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
    ends = [
        client.wrap_bio(to_client, to_server, server_hostname="localhost"),
        server.wrap_bio(to_server, to_client, server_side=True),
    ]
    while ends:
        for end in list(ends):
            try:
                end.do_handshake()
            except ssl.SSLWantReadError:
                continue
            ends.remove(end)


def _certificate(folder: Path) -> Path:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    builder = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
    builder = builder.not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=1))
    builder = builder.add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
    path = folder / "tls.pem"
    private = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    path.write_bytes(private + builder.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM))
    path.chmod(0o600)
    return path
