"""The long-term form of a signed term: PAdES B-LTA (ETSI EN 319 142-1, 5.4 and 5.5). Only what comes after its bytes is new."""

from __future__ import annotations

import io
from datetime import UTC, datetime, timedelta

from asn1crypto import crl, ocsp
from asn1crypto import x509 as asn1_x509
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.signers import PdfTimeStamper
from pyhanko.sign.timestamps.api import TimeStamper
from pyhanko.sign.validation.dss import DocumentSecurityStore

from services.certification.application.ports import LastStamp, ValidationMaterial

RESERVED_BYTES = 16384
RENEW_BEFORE = timedelta(days=365)
"""The end of the time-stamping certificate: time enough to notice and to mend what keeps terms from being stamped again."""
RENEW_LATEST = timedelta(days=30)


async def preserve(document: bytes, number: int, material: ValidationMaterial, stamper: TimeStamper) -> bytes:
    """The document with the validation material in its security store, and a time stamp over all of it."""
    stored = _with_material(document, material)
    output = io.BytesIO()
    await PdfTimeStamper(stamper, field_name=f"Carimbo {number}").async_timestamp_pdf(
        IncrementalPdfFileWriter(io.BytesIO(stored)),
        "sha256",
        bytes_reserved=RESERVED_BYTES,
        output=output,
        embed_roots=False,
    )
    return output.getvalue()


def last_stamp(document: bytes) -> LastStamp:
    """Of a document that :func:`preserve` has made."""
    latest = PdfFileReader(io.BytesIO(document)).embedded_timestamp_signatures[-1]
    stamped_at: datetime = latest.signed_data["encap_content_info"]["content"].parsed["gen_time"].native
    ends_at: datetime = latest.signer_cert.not_valid_after
    return LastStamp(stamped_at, max(ends_at - RENEW_BEFORE, stamped_at + RENEW_LATEST).astimezone(UTC))


def _with_material(document: bytes, material: ValidationMaterial) -> bytes:
    writer = IncrementalPdfFileWriter(io.BytesIO(document))
    DocumentSecurityStore.supply_dss_in_writer(
        writer,
        None,  # of no signature alone: the same material is for all
        certs=[asn1_x509.Certificate.load(certificate) for certificate in material.certificates],
        ocsps=[ocsp.OCSPResponse.load(response) for response in material.ocsps],
        crls=[crl.CertificateList.load(revocations) for revocations in material.crls],
    )
    output = io.BytesIO()
    writer.write(output)
    return output.getvalue()
