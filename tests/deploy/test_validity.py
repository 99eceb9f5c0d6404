"""What programs of others say of the rendered manifests, and the shapes of kinds whose schemas are not at hand."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.support.manifests import CHECKS, ROOT, Document, Manifests

NEEDED = {
    ("rabbitmq.com/v1beta1", "RabbitmqCluster"): ("spec.replicas", "spec.persistence.storage", "spec.image"),
    ("postgresql.cnpg.io/v1", "Cluster"): (
        "spec.instances",
        "spec.storage.size",
        "spec.imageName",
        "spec.bootstrap.initdb.database",
    ),
    ("postgresql.cnpg.io/v1", "ScheduledBackup"): ("spec.schedule", "spec.cluster.name"),
    ("barmancloud.cnpg.io/v1", "ObjectStore"): ("spec.configuration.destinationPath", "spec.configuration.s3Credentials"),
    ("mongodbcommunity.mongodb.com/v1", "MongoDBCommunity"): (
        *("spec.type", "spec.members", "spec.version", "spec.security.authentication.modes", "spec.users"),
    ),
    ("keda.sh/v1alpha1", "ScaledObject"): ("spec.scaleTargetRef.name", "spec.triggers"),
    ("keda.sh/v1alpha1", "TriggerAuthentication"): ("spec.secretTargetRef",),
    ("monitoring.coreos.com/v1", "PodMonitor"): ("spec.selector", "spec.podMetricsEndpoints"),
    ("monitoring.coreos.com/v1", "PrometheusRule"): ("spec.groups",),
    ("cert-manager.io/v1", "Issuer"): ("spec",),
    ("traefik.io/v1alpha1", "Middleware"): ("spec",),
    ("external-secrets.io/v1", "ExternalSecret"): ("spec.secretStoreRef.name", "spec.target.name", "spec.data"),
    ("external-secrets.io/v1", "SecretStore"): ("spec.provider",),
}
"""Kinds that operators define, with what each must have."""
CORE = {"v1", "apps/v1", "batch/v1", "policy/v1", "networking.k8s.io/v1", "autoscaling/v2", "scheduling.k8s.io/v1"}


def strange_kinds(manifests: Manifests) -> list[str]:
    """Documents of a group, version or kind that nobody defines, or without what their kind must have."""
    faults = []
    for one in manifests.documents:
        if one["apiVersion"] in CORE:
            continue
        needed = NEEDED.get((one["apiVersion"], one["kind"]))
        name = f"{one['apiVersion']} {one['kind']} {one['metadata']['name']}"
        if needed is None:
            faults.append(f"{name}: unknown")
        else:
            faults += [f"{name}: {path}" for path in needed if _at(one, path) in (None, "", [], {})]
    return faults


def _at(document: Document, path: str) -> Any:
    found: Any = document
    for key in path.split("."):
        found = found.get(key) if isinstance(found, dict) else None
    return found


def validate(path: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(CHECKS / "kubernetes-validate"), "--strict", str(path)], capture_output=True, text=True, check=False, timeout=120
    )


@pytest.mark.parametrize("overlay", ["production", "development"])
def test_kubernetes_own_kinds_are_valid(overlay: str, rendered: dict[str, Path]) -> None:
    done = validate(rendered[overlay])
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_word_that_kubernetes_does_not_know_is_seen(rendered: dict[str, Path], tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.yaml"
    text = rendered["production"].read_text()
    wrong.write_text(text.replace("enableServiceLinks: false", "enableServiceLink: false", 1))
    assert wrong.read_text() != text
    assert validate(wrong).returncode != 0


@pytest.mark.parametrize("overlay", ["production", "development"])
def test_operators_kinds_have_what_they_must(overlay: str, request: pytest.FixtureRequest) -> None:
    assert strange_kinds(request.getfixturevalue(overlay)) == []


def test_a_wrong_operators_kind_is_seen(production: Manifests) -> None:
    production.get("RabbitmqCluster", "broker")["apiVersion"] = "rabbitmq.com/v1"
    production.get("ScaledObject", "notify")["spec"]["triggers"] = []
    assert len(strange_kinds(production)) == 2


def checkov(path: Path) -> list[str]:
    argv = (
        str(CHECKS / "checkov"),
        "--config-file",
        str(ROOT / "deploy" / "k8s" / "checkov.yaml"),
        "-f",
        path.name,
        "-o",
        "json",
    )
    done = subprocess.run(argv, cwd=path.parent, capture_output=True, text=True, check=False, timeout=240)
    result = json.loads(done.stdout)
    assert result["summary"]["passed"] > 0, done.stderr
    return [f"{one['check_id']} {one['check_name']}: {one['resource']}" for one in result["results"]["failed_checks"]]


def test_checkov_finds_nothing_but_what_is_explained(rendered: dict[str, Path]) -> None:
    assert checkov(rendered["production"]) == []


def test_checkov_finds_what_is_wrong(rendered: dict[str, Path], tmp_path: Path) -> None:
    parts = rendered["production"].read_text().split("\n---\n")
    one = next(part for part in parts if "kind: Deployment" in part and "name: registry" in part)
    wrong = tmp_path / "wrong.yaml"
    wrong.write_text(one.replace("readOnlyRootFilesystem: true", "readOnlyRootFilesystem: false"))
    assert any("read-only filesystem" in found for found in checkov(wrong))
