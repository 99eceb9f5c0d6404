"""Bytes in an S3 object store (SeaweedFS or any other) by the ``minio`` client. We keep our own SHA-256 of everything."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from http import HTTPStatus
from pathlib import Path
from typing import Any, Protocol

import urllib3
from minio import Minio
from minio.commonconfig import COMPLIANCE
from minio.error import S3Error
from minio.objectlockconfig import DAYS, ObjectLockConfig

from chassis import deadline
from chassis.settings import ObjectSettings
from contracts.errors import NotFound, Unavailable

CHUNK = 256 * 1024
TAKEN = frozenset({HTTPStatus.PRECONDITION_FAILED, HTTPStatus.CONFLICT})
CONNECT_SECONDS = 3.0
READ_SECONDS = 30.0
RETRIES = urllib3.Retry(total=3, connect=3, read=1, redirect=0, other=0, status=2, backoff_factor=0.3)
"""A refused connection is tried again after 0, 0.6 and 1.2 s; a silent store only once more."""
POOL_CONNECTIONS = 10


class ObjectStore(Protocol):
    """Named bytes in buckets. A stored object is described by ``{"bucket", "key", "size", "sha256", "content_type"}``."""

    def put(self, bucket: str, key: str, content: bytes, content_type: str) -> dict[str, Any]:
        """Store bytes; returns the object's description."""

    def put_file(
        self, bucket: str, key: str, path: Path, content_type: str, notes: Mapping[str, str] | None = None
    ) -> dict[str, Any]:
        """Store a file without reading it whole; returns the object's description. ``notes`` are kept beside it where it can."""

    def put_once(self, bucket: str, key: str, content: bytes, content_type: str) -> bytes:
        """Store bytes unless the key is taken; returns what is stored: these bytes, or those of whoever was first."""

    def get(self, bucket: str, key: str) -> bytes:
        """The bytes; :class:`NotFound` where there are none."""

    def stream(self, bucket: str, key: str, offset: int = 0, length: int = 0) -> Iterator[bytes]:
        """The bytes from ``offset``, ``length`` of them (0: to the end), in pieces."""

    def remove(self, bucket: str, key: str) -> None:
        """Delete; nothing happens where there is none."""

    def stored_before(self, bucket: str, moment: datetime) -> list[str]:
        """The keys of all objects of a bucket that were stored before a moment (by the store's clock)."""


def sha256_of_file(path: Path) -> str:
    """The SHA-256 of a file, hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


class _TimedPool(urllib3.PoolManager):
    """Each request ends with the work's deadline, its second try included."""

    def urlopen(self, method: str, url: str, redirect: bool = True, **options: Any) -> Any:  # type: ignore[override]
        """See urllib3."""
        left = deadline.bounded(READ_SECONDS * 2)
        options["timeout"] = urllib3.Timeout(connect=min(CONNECT_SECONDS, left), read=left / 2)
        return super().urlopen(method, url, redirect, **options)


@contextmanager
def _translated(wanted: str | None = None) -> Iterator[None]:
    try:
        yield
    except S3Error as error:
        if wanted and error.code in {"NoSuchKey", "NoSuchBucket"}:
            raise NotFound("no such object", object=wanted) from error
        raise Unavailable("the object store refuses", reason="objects", error=error.code) from error
    except (urllib3.exceptions.HTTPError, OSError) as error:
        raise Unavailable("the object store does not answer", reason="objects", error=type(error).__name__) from error


class S3ObjectStore:
    """The production adapter. Buckets are named ``<prefix><bucket>`` and made at first use.

    What is put into the ``retained`` buckets cannot be deleted or overwritten by anybody for ``retention_days`` of the settings.
    """

    def __init__(self, settings: ObjectSettings, retained: Collection[str] = ()) -> None:
        self._http = _TimedPool(retries=RETRIES, maxsize=POOL_CONNECTIONS)
        self._client = Minio(
            endpoint=settings.endpoint,
            access_key=settings.access_key,
            secret_key=settings.secret_key,
            secure=settings.secure,
            http_client=self._http,
        )
        self._prefix = settings.bucket_prefix
        self._retained = frozenset(retained) if settings.retention_days else frozenset()
        self._retention = ObjectLockConfig(COMPLIANCE, settings.retention_days, DAYS) if self._retained else None
        self._known: set[str] = set()

    def put(self, bucket: str, key: str, content: bytes, content_type: str) -> dict[str, Any]:
        """See :class:`ObjectStore`."""
        digest = hashlib.sha256(content).hexdigest()
        self._store(bucket, key, io.BytesIO(content), len(content), content_type, {"sha256": digest})
        return _description(bucket, key, len(content), digest, content_type)

    def put_file(
        self, bucket: str, key: str, path: Path, content_type: str, notes: Mapping[str, str] | None = None
    ) -> dict[str, Any]:
        """See :class:`ObjectStore`."""
        digest, size = sha256_of_file(path), path.stat().st_size
        with path.open("rb") as file:
            self._store(bucket, key, file, size, content_type, {"sha256": digest, **(notes or {})})
        return _description(bucket, key, size, digest, content_type)

    def put_once(self, bucket: str, key: str, content: bytes, content_type: str) -> bytes:
        """See :class:`ObjectStore`. By a conditional request (RFC 9110, 13.1.2), which the client itself does not offer."""
        headers = {"If-None-Match": "*", "Content-Type": content_type}
        with _translated():
            self._ensure(bucket)
            address = self._client.get_presigned_url("PUT", bucket_name=self._prefix + bucket, object_name=key)
            answer = self._http.request("PUT", address, body=content, headers=headers)
        if answer.status in TAKEN:
            return self.get(bucket, key)
        if answer.status != HTTPStatus.OK:
            raise Unavailable("the object store refuses", reason=str(answer.status))
        return content

    def get(self, bucket: str, key: str) -> bytes:
        """See :class:`ObjectStore`."""
        return b"".join(self.stream(bucket, key))

    def stream(self, bucket: str, key: str, offset: int = 0, length: int = 0) -> Iterator[bytes]:
        """See :class:`ObjectStore`."""
        with _translated(key):
            response = self._client.get_object(bucket_name=self._prefix + bucket, object_name=key, offset=offset, length=length)
        try:
            with _translated(key):
                yield from response.stream(CHUNK)
        finally:
            response.close()
            response.release_conn()

    def remove(self, bucket: str, key: str) -> None:
        """See :class:`ObjectStore`."""
        with _translated():
            self._client.remove_object(bucket_name=self._prefix + bucket, object_name=key)

    def stored_before(self, bucket: str, moment: datetime) -> list[str]:
        """See :class:`ObjectStore`."""
        with _translated():
            self._ensure(bucket)
            found = list(self._client.list_objects(bucket_name=self._prefix + bucket, recursive=True))
        return [str(one.object_name) for one in found if one.last_modified and one.last_modified < moment]

    def check(self) -> None:
        """Raises where the store does not answer (health)."""
        with _translated():
            self._client.list_buckets()

    def _store(self, bucket: str, key: str, data: Any, size: int, content_type: str, notes: Mapping[str, str]) -> None:
        with _translated():
            self._ensure(bucket)
            self._client.put_object(
                bucket_name=self._prefix + bucket,
                object_name=key,
                data=data,
                length=size,
                content_type=content_type,
                metadata={f"x-amz-meta-{name}": value for name, value in notes.items()},
            )

    def _ensure(self, bucket: str) -> None:
        if bucket in self._known:
            return
        name = self._prefix + bucket
        try:
            if not self._client.bucket_exists(bucket_name=name):
                self._client.make_bucket(bucket_name=name, object_lock=bucket in self._retained)
        except S3Error as error:
            if error.code not in {"BucketAlreadyOwnedByYou", "BucketAlreadyExists"}:
                raise
        if bucket in self._retained:
            # Refused where the bucket was made without Object Lock, which cannot be added: better no evidence than unlocked.
            self._client.set_object_lock_config(bucket_name=name, config=self._retention)
        self._known.add(bucket)


def _description(bucket: str, key: str, size: int, digest: str, content_type: str) -> dict[str, Any]:
    return {"bucket": bucket, "key": key, "size": size, "sha256": digest, "content_type": content_type}


class MemoryObjectStore:
    """For unit tests: the same promises, in memory."""

    def __init__(self) -> None:
        self._objects: dict[tuple[str, str], bytes] = {}
        self._times: dict[tuple[str, str], datetime] = {}

    def put(self, bucket: str, key: str, content: bytes, content_type: str) -> dict[str, Any]:
        """See :class:`ObjectStore`."""
        self._objects[bucket, key] = content
        self._times[bucket, key] = datetime.now(UTC)
        return _description(bucket, key, len(content), hashlib.sha256(content).hexdigest(), content_type)

    def put_file(
        self, bucket: str, key: str, path: Path, content_type: str, notes: Mapping[str, str] | None = None
    ) -> dict[str, Any]:
        """See :class:`ObjectStore`."""
        return self.put(bucket, key, path.read_bytes(), content_type)

    def put_once(self, bucket: str, key: str, content: bytes, content_type: str) -> bytes:
        """See :class:`ObjectStore`."""
        self._times.setdefault((bucket, key), datetime.now(UTC))
        return self._objects.setdefault((bucket, key), content)

    def stored_before(self, bucket: str, moment: datetime) -> list[str]:
        """See :class:`ObjectStore`."""
        return [key for (within, key) in self._objects if within == bucket and self._times[within, key] < moment]

    def get(self, bucket: str, key: str) -> bytes:
        """See :class:`ObjectStore`."""
        try:
            return self._objects[bucket, key]
        except KeyError as error:
            raise NotFound("no such object", object=key) from error

    def stream(self, bucket: str, key: str, offset: int = 0, length: int = 0) -> Iterator[bytes]:
        """See :class:`ObjectStore`."""
        content = self.get(bucket, key)
        yield content[offset : offset + length if length else None]

    def remove(self, bucket: str, key: str) -> None:
        """See :class:`ObjectStore`."""
        self._objects.pop((bucket, key), None)
