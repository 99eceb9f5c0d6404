"""Whether a signed document proves itself years later: pyHanko's strict validation of PAdES B-LTA (ETSI EN 319 102-1, 5.6.3)."""

from __future__ import annotations

import asyncio
import io
from datetime import datetime

from asn1crypto import x509 as asn1_x509
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.ades.report import AdESStatus
from pyhanko.sign.validation.ades import ades_lta_validation
from pyhanko.sign.validation.policy_decl import (
    PdfSignatureValidationSpec,
    RevinfoOnlineFetchingRule,
    RevocationInfoGatheringSpec,
    SignatureValidationSpec,
)
from pyhanko_certvalidator.context import CertValidationPolicySpec, ValidationTimingInfo
from pyhanko_certvalidator.policy_decl import REQUIRE_REVINFO, CertRevTrustPolicy
from pyhanko_certvalidator.registry import SimpleTrustManager


def long_term_status(document: bytes, root: bytes, at: datetime) -> tuple[bool, str]:
    """Whether the first signature stands ``at`` that moment by what the document itself holds, and what is said of it.

    ``root`` (DER) is all that is trusted; nothing is fetched; every certificate's state must be known.
    """
    trust = SimpleTrustManager.build(trust_roots=[asn1_x509.Certificate.load(root)])
    policy = CertValidationPolicySpec(trust, CertRevTrustPolicy(REQUIRE_REVINFO))
    offline = RevocationInfoGatheringSpec(RevinfoOnlineFetchingRule.LOCAL_ONLY)
    specification = PdfSignatureValidationSpec(SignatureValidationSpec(policy, offline))
    signature = PdfFileReader(io.BytesIO(document)).embedded_regular_signatures[0]
    moment = ValidationTimingInfo(validation_time=at, best_signature_time=at, point_in_time_validation=False)
    found = asyncio.run(ades_lta_validation(signature, specification, moment))
    return found.ades_subindic.status == AdESStatus.PASSED, str(found.ades_subindic)
