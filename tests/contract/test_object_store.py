"""The object store's promises, kept by every implementation."""

from __future__ import annotations

import hashlib
import uuid
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from minio import Minio
from minio.error import S3Error

from chassis.folder_objects import FolderObjectStore
from chassis.objects import MemoryObjectStore, ObjectStore, S3ObjectStore
from chassis.settings import ObjectSettings
from contracts.errors import InvalidInput, NotFound, Unavailable
from tests.support.engines import Objects


@pytest.fixture(params=["memory", "folder", pytest.param("s3", marks=pytest.mark.integration)])
def store(request: pytest.FixtureRequest) -> ObjectStore:
    if request.param == "memory":
        return MemoryObjectStore()
    if request.param == "folder":
        return FolderObjectStore(request.getfixturevalue("tmp_path") / "objects")
    engine: Objects = request.getfixturevalue("object_engine")
    return S3ObjectStore(ObjectSettings(engine.endpoint, engine.access_key, engine.secret_key, False, "contract-"))


def test_what_is_put_is_described_and_got(store: ObjectStore) -> None:
    described = store.put("things", "a/b", b"hello", "text/plain")
    assert described == {
        "bucket": "things",
        "key": "a/b",
        "size": 5,
        "sha256": hashlib.sha256(b"hello").hexdigest(),
        "content_type": "text/plain",
    }
    assert store.get("things", "a/b") == b"hello"


def test_a_file_is_stored_as_it_is(store: ObjectStore, tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(bytes(range(256)) * 4096)
    described = store.put_file("things", "file", path, "application/octet-stream")
    assert described["size"] == 2**20
    assert b"".join(store.stream("things", "file")) == path.read_bytes()


def test_a_part_can_be_read(store: ObjectStore) -> None:
    store.put("things", "part", b"0123456789", "text/plain")
    assert b"".join(store.stream("things", "part", 3, 4)) == b"3456"
    assert b"".join(store.stream("things", "part", 7)) == b"789"


def test_what_is_not_there_is_said(store: ObjectStore) -> None:
    with pytest.raises(NotFound):
        store.get("things", "nothing")
    with pytest.raises(NotFound):
        store.get("no-such-bucket", "nothing")


def test_removing_twice_is_no_mistake(store: ObjectStore) -> None:
    store.put("things", "gone", b"x", "text/plain")
    store.remove("things", "gone")
    store.remove("things", "gone")
    with pytest.raises(NotFound):
        store.get("things", "gone")


def test_of_many_at_once_the_first_counts_and_all_learn_of_it(store: ObjectStore) -> None:
    key = f"once/{uuid.uuid4()}"
    with ThreadPoolExecutor(8) as pool:
        kept = list(pool.map(lambda number: store.put_once("things", key, b"%d" % number, "text/plain"), range(24)))
    assert len(set(kept)) == 1
    assert store.get("things", key) == kept[0]


def test_old_objects_are_found_by_their_time(store: ObjectStore) -> None:
    bucket = f"times-{uuid.uuid4().hex[:8]}"
    assert store.stored_before(bucket, datetime.now(UTC)) == []
    store.put(bucket, "a/b", b"x", "text/plain")
    assert store.stored_before(bucket, datetime.now(UTC) - timedelta(minutes=5)) == []
    assert store.stored_before(bucket, datetime.now(UTC) + timedelta(minutes=5)) == ["a/b"]


def test_a_key_does_not_lead_out_of_a_folder(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput):
        FolderObjectStore(tmp_path / "objects").put("things", "../../elsewhere", b"x", "text/plain")
    assert not (tmp_path / "elsewhere").exists()


@pytest.mark.integration
def test_evidence_cannot_be_deleted_or_overwritten_before_its_time(object_engine: Objects) -> None:
    settings = ObjectSettings(object_engine.endpoint, object_engine.access_key, object_engine.secret_key, False, "locked-", 1)
    store = S3ObjectStore(settings, retained=("videos",))
    store.put("videos", "video", b"as it was", "video/mp4")
    store.put("cells", "cell", b"passing", "video/mp4")
    client = Minio(
        endpoint=object_engine.endpoint, access_key=object_engine.access_key, secret_key=object_engine.secret_key, secure=False
    )
    (version,) = (one.version_id for one in client.list_objects(bucket_name="locked-videos", include_version=True))
    with pytest.raises(S3Error, match="AccessDenied"):
        client.remove_object(bucket_name="locked-videos", object_name="video", version_id=version)
    store.put("videos", "video", b"something else", "video/mp4")
    store.remove("videos", "video")
    assert client.get_object(bucket_name="locked-videos", object_name="video", version_id=version).data == b"as it was"
    assert [store.put_once("videos", "once", content, "text/plain") for content in (b"first", b"second")] == [b"first"] * 2
    store.remove("cells", "cell")
    assert store.stored_before("cells", datetime.now(UTC) + timedelta(days=1)) == []


@pytest.mark.integration
def test_a_bucket_that_was_made_without_a_lock_takes_no_evidence(object_engine: Objects) -> None:
    plain = ObjectSettings(object_engine.endpoint, object_engine.access_key, object_engine.secret_key, False, "plain-")
    S3ObjectStore(plain).put("videos", "video", b"x", "video/mp4")
    with pytest.raises(Unavailable):
        S3ObjectStore(replace(plain, retention_days=1), retained=("videos",)).put("videos", "other", b"x", "video/mp4")
