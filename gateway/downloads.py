"""Bytes of the object store as HTTP responses, whole or by range (RFC 9110, section 14)."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from typing import Any

from flask import Response, request
from werkzeug.http import dump_options_header

from gateway.security import access


def send_object(stored: Mapping[str, Any], filename: str, *, inline: bool = False) -> Response:
    """Stream a stored object under a sensible name; one byte range is honoured, others are answered whole."""
    size = int(stored["size"])
    wanted = request.range.range_for_length(size) if request.range and len(request.range.ranges) == 1 else None
    if request.range is not None and wanted is None and len(request.range.ranges) == 1:
        return Response(status=416, headers={"Content-Range": f"bytes */{size}"})
    start, stop = wanted or (0, size)
    # A zero length would mean "to the end" to the store.
    objects = access.parts().objects
    content = _begun(objects.stream(stored["bucket"], stored["key"], start, stop - start)) if size else iter(())
    response = Response(content, status=206 if wanted else 200, mimetype=stored["content_type"], direct_passthrough=False)
    response.headers["Content-Length"] = str(stop - start)
    response.headers["Accept-Ranges"] = "bytes"
    response.headers["ETag"] = f'"{stored["sha256"]}"'
    response.headers["Content-Disposition"] = dump_options_header("inline" if inline else "attachment", {"filename": filename})
    response.headers["Cache-Control"] = "private, no-store"
    if wanted:
        response.headers["Content-Range"] = f"bytes {start}-{stop - 1}/{size}"
    return response


def _begun(content: Iterator[bytes]) -> Iterator[bytes]:
    """Take the first piece before the answer begins: a store that is away or lacks the object gets its own status."""
    first = next(content, b"")
    return itertools.chain((first,), content)


def send_text(text: str, filename: str, content_type: str) -> Response:
    """A short text as a download."""
    disposition = dump_options_header("attachment", {"filename": filename})
    return Response(text, mimetype=content_type, headers={"Content-Disposition": disposition})
