"""An object store in a folder, for work on one's own files. See :class:`chassis.objects.ObjectStore`."""

from __future__ import annotations

import hashlib
import os
import secrets
import shutil
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from chassis.objects import CHUNK, sha256_of_file
from contracts.errors import InvalidInput, NotFound


class FolderObjectStore:
    """A file per object: ``<root>/<bucket>/<key>``. A file is there whole or not at all."""

    def __init__(self, root: Path) -> None:
        self._root = root.resolve()

    def put(self, bucket: str, key: str, content: bytes, content_type: str) -> dict[str, Any]:
        """See the port."""
        fresh = self._fresh(bucket, key)
        fresh.write_bytes(content)
        fresh.replace(self.path(bucket, key))
        return _described(bucket, key, len(content), hashlib.sha256(content).hexdigest(), content_type)

    def put_file(
        self, bucket: str, key: str, path: Path, content_type: str, notes: Mapping[str, str] | None = None
    ) -> dict[str, Any]:
        """See the port."""
        fresh = self._fresh(bucket, key)
        shutil.copyfile(path, fresh)
        fresh.replace(self.path(bucket, key))
        return _described(bucket, key, path.stat().st_size, sha256_of_file(path), content_type)

    def put_once(self, bucket: str, key: str, content: bytes, content_type: str) -> bytes:
        """See the port."""
        fresh = self._fresh(bucket, key)
        fresh.write_bytes(content)
        try:
            os.link(fresh, self.path(bucket, key))
        except FileExistsError:
            return self.get(bucket, key)
        finally:
            fresh.unlink()
        return content

    def get(self, bucket: str, key: str) -> bytes:
        """See the port."""
        return b"".join(self.stream(bucket, key))

    def stream(self, bucket: str, key: str, offset: int = 0, length: int = 0) -> Iterator[bytes]:
        """See the port."""
        try:
            file = self.path(bucket, key).open("rb")
        except OSError as error:
            raise NotFound("no such object", object=key) from error
        with file:
            file.seek(offset)
            remaining = length or self.path(bucket, key).stat().st_size
            while remaining > 0 and (block := file.read(min(CHUNK, remaining))):
                remaining -= len(block)
                yield block

    def remove(self, bucket: str, key: str) -> None:
        """See the port."""
        self.path(bucket, key).unlink(missing_ok=True)

    def stored_before(self, bucket: str, moment: datetime) -> list[str]:
        """See the port."""
        folder = self._root / bucket
        files = [path for path in folder.rglob("*") if path.is_file() and not path.name.startswith(".")]
        return [str(path.relative_to(folder)) for path in files if datetime.fromtimestamp(path.stat().st_mtime, UTC) < moment]

    def path(self, bucket: str, key: str) -> Path:
        """The object's file; a key that leads out of the bucket is refused."""
        folder = self._root / bucket
        path = (folder / key).resolve()
        if folder not in path.parents:
            raise InvalidInput("the key leads out of the bucket", field="key", reason="invalid")
        return path

    def _fresh(self, bucket: str, key: str) -> Path:
        path = self.path(bucket, key)
        path.parent.mkdir(parents=True, exist_ok=True)
        return path.with_name(f".{secrets.token_hex(6)}")


def _described(bucket: str, key: str, size: int, digest: str, content_type: str) -> dict[str, Any]:
    return {"bucket": bucket, "key": key, "size": size, "sha256": digest, "content_type": content_type}
