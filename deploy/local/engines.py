"""The engines: broker, document store, object store, room and recorder (SFU), inbox. All on loopback, data in one folder."""

from __future__ import annotations

import json
import os
import shutil
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from string import Template

from deploy.local.moved import settle_queues
from deploy.local.process import ROOT, Program, answers_http, port_open

ENGINES = Path(os.environ.get("TITULAR_ENGINES", ROOT / ".engines")) / "bin"
JANUS_LIBRARY = Path("/usr/lib/x86_64-linux-gnu/janus")
JANUS_TEMPLATES = ROOT / "deploy" / "sfu"


def rabbitmq(data: Path, port: int, distribution_port: int, node: str) -> Program:
    """RabbitMQ from Debian, as a node of our own."""
    name = f"{node}@localhost"
    data.mkdir(parents=True, exist_ok=True)
    configuration = data / "rabbitmq.conf"
    configuration.write_text(
        f"listeners.tcp.1 = 127.0.0.1:{port}\nloopback_users.guest = true\nvm_memory_high_watermark.absolute = 400MB\n"
        "disk_free_limit.absolute = 200MB\nlog.console = true\nlog.console.level = warning\nlog.file = false\nheartbeat = 60\n"
        "log.connection.level = error\n"  # each look whether it answers would be a warning
    )
    env = {
        "HOME": str(data),
        "RABBITMQ_NODENAME": name,
        "RABBITMQ_MNESIA_BASE": str(data / "nodes"),
        "RABBITMQ_LOG_BASE": str(data / "log"),
        "RABBITMQ_CONFIG_FILE": str(configuration),
        "RABBITMQ_ENABLED_PLUGINS_FILE": str(data / "enabled_plugins"),
        "RABBITMQ_DIST_PORT": str(distribution_port),
        # Two schedulers without busy waiting: an idle broker on a small machine should cost nothing. A single node needs no
        # port mapper (epmd), which would outlive it and costs the start of a second virtual machine.
        "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": "+S 2:2 +sbwt none +sbwtdcpu none +sbwtdio none"
        f" -sname {name} -start_epmd false -erl_epmd_port {distribution_port}"
        f" -kernel inet_dist_use_interface {{127,0,0,1}}"
        f" -kernel inet_dist_listen_min {distribution_port} -kernel inet_dist_listen_max {distribution_port}",
    }
    (data / "enabled_plugins").write_text("[].\n")
    settle_queues(data / "nodes")
    return Program(
        "rabbitmq", ("/usr/lib/rabbitmq/bin/rabbitmq-server",), lambda: _amqp_answers(port), env, data, start_seconds=90
    )


def _amqp_answers(port: int) -> bool:
    """Whether the broker answers the protocol header with Connection.Start (AMQP 0-9-1, 2.2.4)."""
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=1) as connection:
            connection.sendall(b"AMQP\x00\x00\x09\x01")
            return connection.recv(8)[:1] == b"\x01"
    except OSError:
        return False


def documents(data: Path, port: int) -> Program:
    """SecantusDB: MongoDB's wire over WiredTiger, as a separate program; every write is synced to disk."""
    argv = (str(ENGINES / "secantusd-py"), "--host", "127.0.0.1", "--port", str(port), "--storage-path", str(data / "store"))
    return Program("documents", (*argv, "--standalone", "--sync-on-commit"), lambda: port_open(port), {}, data)


@dataclass(frozen=True, slots=True)
class ObjectKeys:
    """The object store's secrets."""

    access_key: str
    secret_key: str
    signing_key: str


def objects(data: Path, port: int, keys: ObjectKeys) -> Program:
    """SeaweedFS on six ports from ``port`` (S3 on ``port + 3``); without the signing keys its filer would obey anyone."""
    data.mkdir(parents=True, exist_ok=True)
    identity = {
        "name": "titular",
        "credentials": [{"accessKey": keys.access_key, "secretKey": keys.secret_key}],
        "actions": ["Admin", "Read", "Write", "List", "Tagging"],
    }
    (data / "s3.json").write_text(json.dumps({"identities": [identity]}))
    (data / "s3.json").chmod(0o600)
    (data / "store").mkdir(exist_ok=True)
    offsets = {"master.port": 0, "volume.port": 1, "filer.port": 2, "s3.port": 3}
    ports: list[str] = []
    for name, offset in offsets.items():
        ports += [f"-{name}={port + offset}", f"-{name}.grpc={port + offset + 10}"]
    argv = (str(ENGINES / "weed"), "mini", f"-dir={data / 'store'}", "-ip=127.0.0.1", "-ip.bind=127.0.0.1", *ports)
    options = (
        *("-master.telemetry=false", "-s3.port.iceberg=0", "-s3.port.lance=0", f"-s3.config={data / 's3.json'}"),
        *("-s3.autoCreateBucket=false", "-s3.allowDeleteBucketNotEmpty=false", "-webdav=false", "-admin.ui=false"),
        f"-admin.port={port + 4}",
    )
    env = {
        f"WEED_JWT_{name}": keys.signing_key
        for name in ("SIGNING_KEY", "SIGNING_READ_KEY", "FILER_SIGNING_KEY", "FILER_SIGNING_READ_KEY")
    }
    return Program("objects", argv + options, lambda: answers_http(f"http://127.0.0.1:{port + 3}/", 403, 200), env, data)


@dataclass(frozen=True, slots=True)
class SfuKeys:
    """Janus' secrets: for the API, for signing browsers' tokens, for creating rooms."""

    api_secret: str
    token_secret: str
    admin_key: str


def host_address() -> str:
    """This host's own address. Janus skips loopback when it gathers candidates; nothing is sent to find it out."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("10.255.255.255", 1))
            return str(probe.getsockname()[0])
        except OSError:
            return "127.0.0.1"


def sfu(data: Path, http_port: int, websocket_port: int, rtp_ports: tuple[int, int], keys: SfuKeys) -> Program:
    """Janus from Debian with the video room only, its API on loopback."""
    data.mkdir(parents=True, exist_ok=True)
    for name, text in janus_configuration(data, http_port, websocket_port, rtp_ports, keys).items():
        (data / name).write_text(text)
        (data / name).chmod(0o600)
    janus: tuple[str, ...] = ("janus", "-F", str(data), "-C", str(data / "janus.jcfg"))
    if os.geteuid() == 0:  # a recorder needs no privileges, whoever started it
        janus = ("setpriv", "--no-new-privs", "--inh-caps=-all", "--bounding-set=-all", *janus)
    return Program("sfu", janus, lambda: answers_http(f"http://127.0.0.1:{http_port}/janus/info"), {}, data)


def janus_configuration(
    data: Path, http_port: int, websocket_port: int, rtp_ports: tuple[int, int], keys: SfuKeys
) -> Mapping[str, str]:
    """Janus' configuration files by name, from the templates that its image uses as well."""
    plugins = sorted(path.name for path in (JANUS_LIBRARY / "plugins").glob("*.so") if "videoroom" not in path.name)
    transports = sorted(
        path.name
        for path in (JANUS_LIBRARY / "transports").glob("*.so")
        if path.name.split("_")[1].split(".")[0] not in {"http", "websockets"}
    )
    values = {
        "configuration": str(data),
        "library": str(JANUS_LIBRARY),
        "api_secret": keys.api_secret,
        "token_secret": keys.token_secret,
        "admin_key": keys.admin_key,
        "rtp_ports": f"{rtp_ports[0]}-{rtp_ports[1]}",
        "addresses": f'ice_enforce_list = "{host_address()}"',
        "unwanted_plugins": ",".join(plugins),
        "unwanted_transports": ",".join(transports),
        "listen": "127.0.0.1",
        "http_port": str(http_port),
        "websocket_port": str(websocket_port),
    }
    return {path.name: Template(path.read_text()).substitute(values) for path in sorted(JANUS_TEMPLATES.glob("*.jcfg"))}


def inbox(data: Path, smtp_port: int, web_port: int) -> Program:
    """MailDev: catches e-mail (and SMS sent as mail) and shows it on a page; for one machine, never for production."""
    data.mkdir(parents=True, exist_ok=True)
    script = ROOT / "deploy" / "local" / "inbox" / "node_modules" / "maildev" / "dist" / "bin" / "maildev.js"
    node = str(ENGINES / "node") if (ENGINES / "node").exists() else shutil.which("node") or "node"
    argv = (node, str(script), "--ip", "127.0.0.1", "--smtp", str(smtp_port), "--web", str(web_port), "--web-ip", "127.0.0.1")
    return Program(
        "inbox",
        (*argv, "--mail-directory", str(data / "mail")),
        lambda: answers_http(f"http://127.0.0.1:{web_port}/api/healthz"),
        {},
        data,
    )
