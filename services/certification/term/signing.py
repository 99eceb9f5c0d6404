"""Deferred PAdES (ETSI EN 319 142-1): prepare, let the phone sign the attributes, complete with a time stamp (B-T)."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from asn1crypto import algos, cms
from asn1crypto import x509 as asn1_x509
from pyhanko.pdf_utils.content import ImportedPdfPage
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import fields, signers
from pyhanko.sign.signers.pdf_byterange import PreparedByteRangeDigest
from pyhanko.sign.signers.pdf_signer import PdfSigner, PdfTBSDocument
from pyhanko.sign.timestamps.api import TimeStamper
from pyhanko.stamp import StaticStampStyle
from pyhanko_certvalidator.registry import SimpleCertificateStore

from services.certification.application.ports import PreparedTerm
from services.certification.term.document import SIGNATURE_BOX

FIELD = "Titular"
RESERVED_BYTES = 16384  # hexadecimal digits for CMS with chain and time stamp
ECDSA_BYTES = 72  # the longest DER ECDSA-Sig-Value of P-256


async def prepare(document: bytes, certificate: bytes, chain: Sequence[bytes], holder: str, stamp: Path) -> PreparedTerm:
    """A place for the signature on the last page, and the attributes to be signed. ``stamp``: a PDF page of the box's size."""
    signer = _signer(certificate, chain)
    metadata = signers.PdfSignatureMetadata(
        field_name=FIELD,
        md_algorithm="sha256",
        subfilter=fields.SigSeedSubFilter.PADES,
        reason="Termo de titularidade",
        location="Brasil",
        name=holder,
        certify=True,
        docmdp_permissions=fields.MDPPerm.FILL_FORMS,
    )
    field = fields.SigFieldSpec(FIELD, on_page=-1, box=SIGNATURE_BOX)
    style = StaticStampStyle(background=ImportedPdfPage(str(stamp)), border_width=0)
    pdf_signer = PdfSigner(metadata, signer, stamp_style=style, new_field_spec=field)
    prepared, _, output = await pdf_signer.async_digest_doc_for_signing(
        IncrementalPdfFileWriter(io.BytesIO(document)),
        bytes_reserved=RESERVED_BYTES,
    )
    attributes = await signer.signed_attrs(prepared.document_digest, "sha256", use_pades=True)
    return PreparedTerm(
        document=output.getvalue(),
        digest=prepared.document_digest.hex(),
        reserved_start=prepared.reserved_region_start,
        reserved_end=prepared.reserved_region_end,
        signed_attributes=attributes.dump(),
    )


async def complete(
    prepared: PreparedTerm, signature: bytes, certificate: bytes, chain: Sequence[bytes], stamper: TimeStamper
) -> bytes:
    """The signed document. The signature must have been verified before."""
    signer = _signer(certificate, chain, signature)
    attributes = cms.CMSAttributes.load(prepared.signed_attributes)
    container = await signer.async_sign_prescribed_attributes("sha256", attributes, timestamper=stamper)
    digest = PreparedByteRangeDigest(bytes.fromhex(prepared.digest), prepared.reserved_start, prepared.reserved_end)
    output = io.BytesIO(prepared.document)
    await PdfTBSDocument.async_finish_signing(output, digest, container)
    return output.getvalue()


def _signer(certificate: bytes, chain: Sequence[bytes], signature: bytes | None = None) -> Any:
    store = SimpleCertificateStore()
    store.register_multiple([asn1_x509.Certificate.load(issuer) for issuer in chain])
    return signers.ExternalSigner(
        signing_cert=asn1_x509.Certificate.load(certificate),
        cert_registry=store,
        signature_value=signature if signature is not None else ECDSA_BYTES,
        signature_mechanism=algos.SignedDigestAlgorithm({"algorithm": "sha256_ecdsa"}),
        embed_roots=False,
    )
