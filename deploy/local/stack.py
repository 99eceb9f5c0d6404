"""Which programs make up the product on one machine, in which order, with which settings."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import replace
from functools import partial

from contracts.topology import SERVICES
from deploy.local import engines
from deploy.local.configuration import Configuration
from deploy.local.freeze import marks
from deploy.local.process import ROOT, Program, answers_http

RTP_PORTS = (20000, 20999)
ENGINES_OF = {
    "registry": ("rabbitmq", "documents", "objects"),
    "certification": ("rabbitmq", "documents", "objects"),
    "conference": ("rabbitmq", "documents", "sfu"),
    "media": ("rabbitmq", "documents", "objects"),
    "notify": ("rabbitmq", "documents"),
}


def engine_programs(configuration: Configuration) -> list[Program]:
    """Broker, stores, SFU, inbox."""
    ports, keys, data = configuration.ports, configuration.secrets, configuration.data
    return [
        engines.rabbitmq(data / "rabbitmq", ports["rabbitmq"], ports["distribution"], configuration.broker_node),
        engines.documents(data / "documents", ports["documents"]),
        engines.objects(data / "objects", ports["objects"], _object_keys(keys)),
        engines.sfu(data / "sfu", ports["sfu_http"], ports["sfu_websocket"], RTP_PORTS, _sfu_keys(keys)),
        engines.inbox(data / "inbox", ports["smtp"], ports["inbox"]),
    ]


def _object_keys(keys: Mapping[str, str]) -> engines.ObjectKeys:
    return engines.ObjectKeys("titular", keys["object_secret"], keys["object_signing"])


def _sfu_keys(keys: Mapping[str, str]) -> engines.SfuKeys:
    return engines.SfuKeys(keys["sfu_api"], keys["sfu_token"], keys["sfu_admin"])


def environment(configuration: Configuration) -> dict[str, str]:
    """The settings of every process of ours; each reads what it needs."""
    ports, keys = configuration.ports, configuration.secrets
    return {
        "PYTHONPATH": str(ROOT),
        "PYTHONWARNINGS": "ignore",
        "PYTHONUNBUFFERED": "1",
        "TITULAR_BROKER_URL": configuration.broker_url,
        "TITULAR_DOCUMENTS_URL": f"mongodb://127.0.0.1:{ports['documents']}/?directConnection=true",
        "TITULAR_OBJECTS_ENDPOINT": f"127.0.0.1:{ports['objects'] + 3}",
        "TITULAR_OBJECTS_ACCESS_KEY": "titular",
        "TITULAR_OBJECTS_SECRET_KEY": keys["object_secret"],
        "TITULAR_SECRET": keys["secret"],
        "TITULAR_CERTIFICATION_SECRET": keys["certification"],
        "TITULAR_PUBLIC_URL": configuration.public_url,
        "TITULAR_STREAMS_URL": configuration.streams_url,
        "TITULAR_INBOX_URL": configuration.inbox_url,
        "TITULAR_EVENT_STORE_URL": f"sqlite:///{configuration.data / 'certification' / 'events.sqlite'}",
        "TITULAR_AUTHORITY_FOLDER": str(configuration.data / "certification" / "authority"),
        "TITULAR_AUTHORITY_PASSWORD": keys["authority"],
        "TITULAR_AUTHORITY_CREATE": "1",
        "TITULAR_SFU_URL": f"http://127.0.0.1:{ports['sfu_http']}/janus",
        "TITULAR_SFU_API_SECRET": keys["sfu_api"],
        "TITULAR_SFU_TOKEN_SECRET": keys["sfu_token"],
        "TITULAR_SFU_ADMIN_KEY": keys["sfu_admin"],
        "TITULAR_SIGNALLING_URL": configuration.signalling_url,
        "TITULAR_SIGNALLING_ORIGIN": configuration.signalling_url,
        "TITULAR_RECORDINGS": str(configuration.recordings),
        "TITULAR_NOTIFY_WORK": str(configuration.data / "notify"),
        "TITULAR_SMTP_HOST": "127.0.0.1",
        "TITULAR_SMTP_PORT": str(ports["smtp"]),
        "TITULAR_SMTP_SECURITY": "none",
        "TITULAR_SMTP_SENDER": "nao-responda@titular.local",
        "TITULAR_SMS_ADDRESS": f"mailto://127.0.0.1:{ports['smtp']}?from=sms@titular.local&to={{number}}@sms.localhost",
        "TITULAR_HTTP_HOST": "127.0.0.1",
        "TITULAR_HTTP_PORT": str(ports["gateway"]),
        "TITULAR_STREAMS_PORT": str(ports["streams"]),
    }


def own_programs(configuration: Configuration) -> list[Program]:
    """The services, the gateway and its streams."""
    env = environment(configuration)
    ports = configuration.ports
    found = [_service(name, env, ports[name]) for name in SERVICES]
    web = ("rabbitmq", "documents", "objects")
    for name, module in (("gateway", "gateway"), ("streams", "gateway.streams")):
        url = f"http://127.0.0.1:{ports[name]}/health/ready"
        found.append(Program(name, (sys.executable, "-m", module), partial(answers_http, url), env, after=web))
    return found


def _service(name: str, env: Mapping[str, str], port: int) -> Program:
    ready = partial(answers_http, f"http://127.0.0.1:{port}/health/ready")
    argv = (sys.executable, "-m", f"services.{name}")
    return Program(name, argv, ready, {**env, "TITULAR_HEALTH_PORT": str(port)}, after=ENGINES_OF[name])


def programs(configuration: Configuration) -> list[Program]:
    """All of them, engines first."""
    configuration.recordings.mkdir(parents=True, exist_ok=True)
    (configuration.data / "certification").mkdir(parents=True, exist_ok=True)
    found = [*engine_programs(configuration), *own_programs(configuration)]
    return [replace(program, env={**program.env, **marks(configuration.data)}) for program in found]
