"""Reading the time stamp of a signed term; light enough for the service's own process."""

from __future__ import annotations

from datetime import datetime

from asn1crypto import cms, tsp  # noqa: F401 - tsp teaches cms what a time stamp holds


def stamped_at(contents: bytes) -> datetime:
    """The moment of the time stamp in a signature's ``/Contents`` (ISO 32000-1, 12.8.1), hexadecimal in ``<>``."""
    container = cms.ContentInfo.load(bytes.fromhex(contents.strip(b"<>").decode()))
    (signer,) = container["content"]["signer_infos"]
    (stamp,) = [attribute for attribute in signer["unsigned_attrs"] if attribute["type"].native == "signature_time_stamp_token"]
    info = stamp["values"][0]["content"]["encap_content_info"]["content"].parsed
    moment: datetime = info["gen_time"].native
    return moment
