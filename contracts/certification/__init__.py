"""Certification: the emission, the holder's phone, the authority, the term and the history."""

from contracts.certification.authority import *  # noqa: F403 - one name to import from, whatever the part
from contracts.certification.emissions import *  # noqa: F403
from contracts.certification.events import *  # noqa: F403
from contracts.certification.holders import *  # noqa: F403
from contracts.certification.looks import *  # noqa: F403
from contracts.certification.operations import *  # noqa: F403
from contracts.certification.vocabulary import *  # noqa: F403
