"""Rendered Kubernetes manifests, and what can be asked of them."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parents[2]
CHECKS = ROOT / ".checks" / "bin"
WORKLOADS = ("Deployment", "StatefulSet", "Job", "CronJob")
SERVING = ("Deployment", "StatefulSet")
POD_NAME = "sfu-0"
SAMPLES = {
    "connection_string": "amqp://user:password@broker.titular.svc:5672/",
    "uri": "postgresql://titular:password@events-rw.titular:5432/titular",
    "connectionString.standard": "mongodb://user:password@documents-0.documents-svc.titular.svc:27017/titular?replicaSet=documents",
    "sms_address": "json://sms.example/{number}",
}
"""What operators and people write into Secrets, by key; anything else is a word long enough."""
Document = dict[str, Any]


@dataclass(frozen=True)
class Workload:
    """Something that makes pods."""

    kind: str
    name: str
    spec: Document
    pod: Document
    labels: Mapping[str, str]

    @property
    def serving(self) -> list[Document]:
        """The containers that stay: the main ones, and sidecars."""
        return [*self.sidecars, *self.pod["containers"]]

    @property
    def sidecars(self) -> list[Document]:
        """Init containers that stay."""
        return [one for one in self.pod.get("initContainers", []) if one.get("restartPolicy") == "Always"]

    @property
    def containers(self) -> list[Document]:
        """All of them."""
        return [*self.pod.get("initContainers", []), *self.pod["containers"]]


class Manifests:
    """The documents of one overlay."""

    def __init__(self, documents: list[Document]) -> None:
        self.documents = documents

    def of(self, kind: str) -> list[Document]:
        """All of a kind."""
        return [one for one in self.documents if one["kind"] == kind]

    def get(self, kind: str, name: str) -> Document:
        """The one of that kind and name."""
        return next(one for one in self.of(kind) if one["metadata"]["name"] == name)

    def workloads(self, *kinds: str) -> Iterator[Workload]:
        """What makes pods."""
        for kind in kinds or WORKLOADS:
            for one in self.of(kind):
                spec = one["spec"]["jobTemplate"]["spec"] if kind == "CronJob" else one["spec"]
                template = spec["template"]
                yield Workload(kind, one["metadata"]["name"], spec, template["spec"], template["metadata"]["labels"])

    def environment(self, container: Document) -> dict[str, str]:
        """A container's variables with their values."""
        found: dict[str, str] = {}
        for source in container.get("envFrom", []):
            found |= self.get("ConfigMap", source["configMapRef"]["name"])["data"]
        for one in container.get("env", []):
            found[one["name"]] = one.get("value", POD_NAME)
        return found

    def files(self, pod: Document, container: Document) -> dict[str, str]:
        """The files of Secrets that a container sees, by path, with samples of their content; only those that something makes."""
        volumes = {one["name"]: one for one in pod.get("volumes", [])}
        made = self.secrets()
        found = {}
        for mount in container.get("volumeMounts", []):
            for secret, key, path in _items(volumes.get(mount["name"], {})):
                if key in made.get(secret, ()):
                    found[f"{mount['mountPath']}/{path}"] = SAMPLES.get(key, "a-word-that-is-long-enough-for-every-setting")
        return found

    def secrets(self) -> dict[str, set[str]]:
        """The Secrets that are given, fetched or made by operators, with their keys."""
        found = {one["metadata"]["name"]: set(one["data"]) for one in self.of("Secret")}
        for one in self.of("ExternalSecret"):
            found[one["spec"]["target"]["name"]] = {item["secretKey"] for item in one["spec"]["data"]}
        for one in self.of("RabbitmqCluster"):
            found[f"{one['metadata']['name']}-default-user"] = {"connection_string", "username", "password"}
        for one in self.of("Cluster"):
            found[f"{one['metadata']['name']}-app"] = {"uri", "username", "password"}
        for one in self.of("MongoDBCommunity"):
            found |= {user["connectionStringSecretName"]: {"connectionString.standard"} for user in one["spec"]["users"]}
        return found


def _items(volume: Document) -> Iterator[tuple[str, str, str]]:
    sources = [source["secret"] for source in volume.get("projected", {}).get("sources", []) if "secret" in source]
    for source in sources:
        yield from ((source["name"], item["key"], item["path"]) for item in source["items"])
    secret = volume.get("secret", {})
    yield from ((secret["secretName"], item["key"], item["path"]) for item in secret.get("items", []))


def render(overlay: str, folder: Path) -> Path:
    """Build an overlay in a copy of ``deploy/``, with secrets made by its own script; returns the file of manifests."""
    copy = folder / "deploy"
    if not copy.exists():
        for part in ("k8s", "monitoring"):
            shutil.copytree(ROOT / "deploy" / part, copy / part)
        shutil.rmtree(copy / "k8s" / "overlays" / "development" / "secrets", ignore_errors=True)
        env = {**os.environ, "TITULAR_CHECKOUT": str(ROOT), "PYTHON": sys.executable}
        script = copy / "k8s" / "overlays" / "development" / "make-secrets.sh"
        subprocess.run([str(script)], env=env, check=True, capture_output=True, timeout=120)
    target = folder / f"{overlay}.yaml"
    done = subprocess.run(
        [str(CHECKS / "kubectl"), "kustomize", str(copy / "k8s" / "overlays" / overlay)],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    if done.returncode:
        raise AssertionError(done.stderr)
    target.write_text(done.stdout)
    return target


def read(path: Path) -> Manifests:
    """A file of manifests."""
    # The C loader is as safe, and ten times as fast.
    return Manifests([one for one in yaml.load_all(path.read_text(), Loader=yaml.CSafeLoader) if one])
