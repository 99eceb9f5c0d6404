"""Alarms and dashboards speak of figures that exist, and every alarm is explained."""

from __future__ import annotations

import ast
import functools
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.support.manifests import ROOT, Manifests

WATCHING = ROOT / "deploy" / "monitoring"
OTHERS = {
    "up",  # Prometheus
    "process_start_time_seconds",  # every process with prometheus_client, on Linux
    "process_resident_memory_bytes",
    "kubelet_volume_stats_available_bytes",  # Kubernetes
    "kubelet_volume_stats_capacity_bytes",
}
"""Figures that are not ours."""
MAKERS = {"Counter": ("",), "Gauge": ("",), "GaugeMetricFamily": ("",), "Histogram": ("_bucket", "_count", "_sum")}
WORDS = {"absent", "by", "changes", "histogram_quantile", "max", "min_over_time", "or", "rate", "sum"}


@functools.cache
def made() -> dict[str, set[str]]:
    """The names of our figures as Prometheus sees them, with their labels."""
    found: dict[str, set[str]] = {}
    for folder in ("chassis", "services", "gateway"):
        for path in (ROOT / folder).rglob("*.py"):
            if "node_modules" in path.parts:
                continue
            for node in ast.walk(ast.parse(path.read_text())):
                if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name) or node.func.id not in MAKERS:
                    continue
                if node.args and isinstance(node.args[0], ast.Constant) and isinstance(node.args[0].value, str):
                    lists = [
                        ast.literal_eval(one)
                        for one in (*node.args, *(key.value for key in node.keywords))
                        if isinstance(one, ast.List)
                    ]
                    labels = {label for one in lists for label in one}
                    found |= {node.args[0].value + end: labels | ({"le"} if end else set()) for end in MAKERS[node.func.id]}
    return found


def expressions(rules: Path, dashboards: Iterator[Path]) -> Iterator[str]:
    """Everything that Prometheus is asked."""
    for group in yaml.safe_load(rules.read_text())["groups"]:
        yield from (rule["expr"] for rule in group["rules"])
    for path in dashboards:
        for panel in json.loads(path.read_text())["panels"]:
            yield from (target["expr"] for target in panel["targets"])


def unknown(expression: str) -> set[str]:
    """Names of figures and labels of figures in an expression that nothing makes."""
    ours = made()
    bare = re.sub(r'"[^"]*"', '""', expression)
    grouped = set(re.findall(r"\w+", " ".join(re.findall(r"by \(([^)]*)\)", bare))))
    selected = set(re.findall(r"(\w+)(?:=~|!=|!~|=)", " ".join(re.findall(r"\{([^}]*)\}", bare))))
    bare = re.sub(r"by \([^)]*\)|\{[^}]*\}|\[[^]]*\]", "", bare)
    names = set(re.findall(r"[a-zA-Z_]\w*", bare)) - WORDS
    labels = {"part", "instance"}.union(*(ours.get(name, set()) for name in names))
    return (names - OTHERS - ours.keys()) | ((grouped | selected) - labels)


def alarms() -> list[dict[str, Any]]:
    groups = yaml.safe_load((WATCHING / "rules.yml").read_text())["groups"]
    return [rule for group in groups for rule in group["rules"]]


def test_every_figure_that_is_asked_for_exists() -> None:
    asked = list(expressions(WATCHING / "rules.yml", (WATCHING / "dashboards").glob("*.json")))
    assert len(asked) > 20
    assert {name for expression in asked for name in unknown(expression)} == set()


@pytest.mark.parametrize(
    "wrong",
    ["titular_dead_letter > 0", "sum by (queues) (titular_dead_letters)", 'rate(titular_call_seconds_count{operations="x"}[5m])'],
)
def test_a_figure_or_label_that_does_not_exist_is_seen(wrong: str) -> None:
    assert unknown(wrong)


def test_outcomes_that_alarms_name_are_ones_that_the_code_says() -> None:
    from contracts.errors import InternalFault

    named = set(re.findall(r'outcome="(\w+)"', (WATCHING / "rules.yml").read_text()))
    assert named == {InternalFault.code, "failed"}


def sections(page: str) -> set[str]:
    return {title.strip().lower() for title in re.findall(r"^## (.+)$", page, re.MULTILINE)}


def test_every_alarm_has_its_section_and_points_there() -> None:
    page = (ROOT / "docs" / "alarms.md").read_text()
    names = {rule["alert"] for rule in alarms()}
    assert {name.lower() for name in names} == sections(page)
    for rule in alarms():
        assert rule["annotations"]["runbook_url"] == f"docs/alarms.md#{rule['alert'].lower()}"
    assert "alarms.md" in (ROOT / "docs" / "operations.md").read_text()


def test_an_alarm_without_a_section_is_seen() -> None:
    page = (ROOT / "docs" / "alarms.md").read_text().replace("## TitularRelayWaits", "### TitularRelayWaits")
    assert {rule["alert"].lower() for rule in alarms()} - sections(page) == {"titularrelaywaits"}


def test_kubernetes_has_the_same_alarms_and_dashboards(production: Manifests) -> None:
    assert production.get("PrometheusRule", "titular")["spec"] == yaml.safe_load((WATCHING / "rules.yml").read_text())
    given = production.get("ConfigMap", "dashboards")["data"]
    assert given == {path.name: path.read_text() for path in (WATCHING / "dashboards").glob("*.json")}


def test_every_part_is_watched_under_its_name(production: Manifests) -> None:
    targets = yaml.safe_load((WATCHING / "prometheus.yml").read_text())["scrape_configs"][0]["static_configs"]
    parts = {target["labels"]["part"] for target in targets}
    missing = next(rule["expr"] for rule in alarms() if rule["alert"] == "TitularPartMissing")
    assert set(re.findall(r'part="(\w+)"', missing)) == parts
    watched = production.get("PodMonitor", "titular")["spec"]
    names = set(watched["selector"]["matchExpressions"][0]["values"])
    assert names - {"sfu"} | {"media"} == parts
    ports = {one["port"] for one in watched["podMetricsEndpoints"]}
    for load in production.workloads("Deployment", "StatefulSet"):
        if load.name in names:
            assert ports & {port["name"] for one in load.serving for port in one["ports"]}, load.name
