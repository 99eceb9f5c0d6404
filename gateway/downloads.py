"""Bytes of the object store as HTTP responses, whole or by range (RFC 9110, section 14)."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from flask import Response, request
from werkzeug.http import dump_options_header

from gateway.security import access


def send_object(stored: Mapping[str, Any], filename: str, *, inline: bool = False) -> Response:
    """Stream a stored object under a sensible name; one byte range is honoured, others are answered whole."""
    return send_parts([stored], stored["content_type"], f'"{stored["sha256"]}"', filename, inline=inline)


def send_parts(
    parts: Sequence[Mapping[str, Any]], content_type: str, tag: str, filename: str, *, inline: bool = False
) -> Response:
    """Stream stored objects in a row as one, as :func:`send_object` does with one. ``tag``: the entity tag (RFC 9110, 8.8.3)."""
    size = sum(int(part["size"]) for part in parts)
    wanted = request.range.range_for_length(size) if request.range and len(request.range.ranges) == 1 else None
    if request.range is not None and wanted is None and len(request.range.ranges) == 1:
        return Response(status=416, headers={"Content-Range": f"bytes */{size}"})
    start, stop = wanted or (0, size)
    content = _begun(_bytes_of(parts, start, stop))
    response = Response(content, status=206 if wanted else 200, mimetype=content_type, direct_passthrough=False)
    response.headers["Content-Length"] = str(stop - start)
    response.headers["Accept-Ranges"] = "bytes"
    response.headers["ETag"] = tag
    response.headers["Content-Disposition"] = dump_options_header("inline" if inline else "attachment", {"filename": filename})
    response.headers["Cache-Control"] = "private, no-store"
    if wanted:
        response.headers["Content-Range"] = f"bytes {start}-{stop - 1}/{size}"
    return response


def _bytes_of(parts: Sequence[Mapping[str, Any]], start: int, stop: int) -> Iterator[bytes]:
    """The bytes from ``start`` to ``stop`` of all parts in a row."""
    objects = access.parts().objects
    begins = 0
    for part in parts:
        first, last = max(start - begins, 0), min(stop - begins, int(part["size"]))
        if first < last:
            # A length is always given: zero would mean "to the end" to the store.
            yield from objects.stream(part["bucket"], part["key"], first, last - first)
        begins += int(part["size"])


def _begun(content: Iterator[bytes]) -> Iterator[bytes]:
    """Take the first piece before the answer begins: a store that is away or lacks the object gets its own status."""
    first = next(content, b"")
    return itertools.chain((first,), content)


def send_text(text: str, filename: str, content_type: str) -> Response:
    """A short text as a download."""
    disposition = dump_options_header("attachment", {"filename": filename})
    return Response(text, mimetype=content_type, headers={"Content-Disposition": disposition})
