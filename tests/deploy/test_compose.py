"""The compose file: everything that a part needs is given, and nothing is open that need not be."""

from __future__ import annotations

import importlib.util
import json
import os
import re
import subprocess
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from tests.support import required_settings

ROOT = Path(__file__).resolve().parents[2]
COMPOSE = ROOT / ".checks" / "bin" / "docker-compose"
OURS = ("registry", "certification", "conference", "media", "notify", "gateway", "streams", "prepare", "sfu")
ONCE = ("secrets", "prepare")
PUBLISHED = {"edge", "sfu", "turn", "grafana"}
FOLDER = "/run/secrets/titular/"


def compose(*options: str, **env: str) -> dict[str, Any]:
    argv = (str(COMPOSE), "--profile", "monitoring", *options, "config", "--format", "json")
    clean = {"PATH": os.environ["PATH"], "HOME": "/nonexistent", **env}
    done = subprocess.run(argv, cwd=ROOT, env=clean, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    read: dict[str, Any] = json.loads(done.stdout)
    return read


@pytest.fixture(scope="module")
def services() -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = compose()["services"]
    return found


@pytest.fixture(scope="module")
def secrets() -> ModuleType:
    spec = importlib.util.spec_from_file_location("compose_secrets", ROOT / "deploy" / "compose" / "make_secrets.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def volumes(service: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """A service's mounts by their place."""
    return {one["target"]: one for one in service.get("volumes", [])}


def test_the_file_is_valid_without_any_setting(services: dict[str, dict[str, Any]]) -> None:
    assert set(OURS) <= set(services)


def test_every_image_can_be_chosen_and_is_pinned() -> None:
    text = (ROOT / "docker-compose.yml").read_text()
    images = re.findall(r"^    image: (.*)$", text, re.MULTILINE)
    assert len(images) == len(compose()["services"])
    for image in images:
        assert image.startswith("${"), image
        assert re.search(r":[v0-9][0-9a-z.]*\}?$|:\$\{TITULAR_VERSION:-[0-9.]+\}\}?$|TITULAR_VERSION:-[0-9.]+\}\}$", image), image


def test_every_part_has_a_health_check_a_limit_and_an_end_to_its_log(services: dict[str, dict[str, Any]]) -> None:
    for name, service in services.items():
        if name in ONCE:
            continue
        assert service["deploy"]["resources"]["limits"]["memory"], name
        assert service["logging"]["options"]["max-size"], name
        assert service["restart"] == "unless-stopped", name
        if name not in OURS:  # theirs is in their images
            assert service["healthcheck"]["test"], name


def test_no_part_may_gain_rights(services: dict[str, dict[str, Any]]) -> None:
    for name, service in services.items():
        assert service["cap_drop"] == ["ALL"], name
        assert service["security_opt"] == ["no-new-privileges:true"], name
        assert not service.get("privileged"), name
        assert "/var/run/docker.sock" not in str(service.get("volumes", "")), name
    for name in OURS:
        assert services[name]["read_only"], name
        assert "user" not in services[name], f"{name}: the image's user is changed"
        assert not services[name].get("cap_add"), name


def test_only_the_edge_and_the_rooms_media_are_published(services: dict[str, dict[str, Any]]) -> None:
    for name, service in services.items():
        ports = service.get("ports", [])
        assert bool(ports) == (name in PUBLISHED), name
    assert {port["host_ip"] for port in services["grafana"]["ports"]} == {"127.0.0.1"}
    assert {port["protocol"] for port in services["sfu"]["ports"]} == {"udp"}


def test_stores_are_in_a_network_without_a_way_out() -> None:
    whole = compose()
    assert whole["networks"]["stores"]["internal"]
    for name in ("rabbitmq", "documents", "events", "objects"):
        assert set(whole["services"][name]["networks"]) == {"stores"}, name


def test_a_secret_stands_in_files_only(services: dict[str, dict[str, Any]], secrets: ModuleType) -> None:
    kept = dict.fromkeys(secrets.NAMES, "x" * 48)
    given = secrets.files(kept, {})
    for name, service in services.items():
        mounted = volumes(service).get(FOLDER.rstrip("/"))
        files = [str(value) for value in service.get("environment", {}).values() if str(value).startswith(FOLDER)]
        for file in files:
            assert mounted is not None, name
            assert mounted["read_only"], name
            part = mounted["source"].removesuffix("-secrets")
            assert file.removeprefix(FOLDER) in given[part], f"{name}: {file} is not made"
    assert "x" * 48 not in json.dumps(services)


def test_each_volume_of_secrets_is_its_parts_alone(services: dict[str, dict[str, Any]]) -> None:
    readers: dict[str, set[str]] = {}
    for name, service in services.items():
        for mount in service.get("volumes", []):
            if str(mount.get("source", "")).endswith("secrets") and name != "secrets":
                readers.setdefault(mount["source"], set()).add(name)
    assert "secrets" not in readers
    assert readers.pop("gateway-secrets") == {"gateway", "streams", "prepare"}
    assert {volume: sorted(who) for volume, who in readers.items() if len(who) > 1} == {}


def test_every_volume_that_is_declared_is_used_and_the_other_way_round() -> None:
    whole = compose()
    used = {
        mount["source"]
        for service in whole["services"].values()
        for mount in service.get("volumes", [])
        if mount["type"] == "volume"
    }
    assert used == set(whole["volumes"])


def test_whoever_needs_a_store_waits_until_it_is_healthy(services: dict[str, dict[str, Any]]) -> None:
    for name in OURS:
        if name == "sfu":
            continue
        waits = services[name]["depends_on"]
        assert waits["rabbitmq"]["condition"] == waits["documents"]["condition"] == "service_healthy", name
        if "TITULAR_OBJECTS_ENDPOINT" in services[name]["environment"] and name not in {"streams", "prepare"}:
            assert waits["objects"]["condition"] == "service_healthy", name


def test_an_office_of_its_own_name_needs_one_setting() -> None:
    services = compose(TITULAR_HOST="titular.cartorio.example")["services"]
    web = services["gateway"]["environment"]
    assert web["TITULAR_PUBLIC_URL"] == "https://titular.cartorio.example"
    assert web["TITULAR_STREAMS_URL"] == "https://titular.cartorio.example/fluxos"
    assert web["TITULAR_SIGNALLING_ORIGIN"] == "wss://titular.cartorio.example"
    assert services["conference"]["environment"]["TITULAR_SIGNALLING_URL"] == "wss://titular.cartorio.example/sinais"
    assert services["certification"]["environment"]["TITULAR_PUBLIC_URL"] == web["TITULAR_PUBLIC_URL"]


def test_the_example_of_settings_names_what_the_file_reads() -> None:
    read = set(re.findall(r"\$\{([A-Z_]+)", (ROOT / "docker-compose.yml").read_text()))
    named = set(re.findall(r"^#?([A-Z_]+)=", (ROOT / "deploy" / "compose" / "example.env").read_text(), re.MULTILINE))
    assert named - read == set()


PROGRAMS = {
    **{name: f"services.{name}" for name in ("registry", "certification", "conference", "media", "notify")},
    "gateway": "gateway",
    "streams": "gateway.streams",
    "prepare": "gateway.prepare",
    "sfu": required_settings.SFU,
}


@pytest.mark.parametrize("name", PROGRAMS)
def test_a_part_gets_every_setting_that_it_needs_and_none_that_it_does_not_know(
    services: dict[str, dict[str, Any]], secrets: ModuleType, name: str
) -> None:
    service = services[name]
    kept = dict.fromkeys(secrets.NAMES, "x" * 48)
    part = volumes(service)[FOLDER.rstrip("/")]["source"].removesuffix("-secrets")
    files = {FOLDER + file: content for file, content in secrets.files(kept, {})[part].items()}
    files["/run/secrets/smtp_password"] = ""
    assert required_settings.faults(PROGRAMS[name], service["environment"], files) == []


def test_a_setting_that_is_forgotten_is_noticed(services: dict[str, dict[str, Any]]) -> None:
    environment = {name: value for name, value in services["notify"]["environment"].items() if name != "TITULAR_SMTP_HOST"}
    (fault, *_) = [one for one in required_settings.faults("services.notify", environment, {}) if "SMTP_HOST" in one]
    assert "TITULAR_SMTP_HOST" in fault
