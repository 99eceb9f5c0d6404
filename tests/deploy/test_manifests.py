"""What holds of the overlays, and that each rule sees it when it does not."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from services.certification.authority.files import NAMES
from tests.support import manifest_rules, network_rules
from tests.support.manifests import Document, Manifests

Rule = Callable[[Manifests], list[str]]
RULES = (*manifest_rules.RULES, *network_rules.RULES)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
@pytest.mark.parametrize("overlay", ["production", "development"])
def test_it_holds(rule: Rule, overlay: str, request: pytest.FixtureRequest) -> None:
    assert rule(request.getfixturevalue(overlay)) == []


def test_the_authority_gets_all_files_of_a_ceremony_but_the_roots_key(production: Manifests, development: Manifests) -> None:
    made = {"root.crl", *(f"{name}.{kind}" for name in NAMES for kind in ("pem", "key"))} - {"root.key"}
    in_vault = production.get("ExternalSecret", "authority")["spec"]["data"]
    assert {one["secretKey"] for one in in_vault} == made
    assert set(development.get("Secret", "authority")["data"]) == made
    for manifests in (production, development):
        (copying,) = pod(manifests, "Deployment", "certification")["initContainers"]
        assert "cp -L /run/authority/* /authority/keys/" in copying["command"][-1]


def pod(manifests: Manifests, kind: str, name: str) -> Document:
    found: Document = manifests.get(kind, name)["spec"]["template"]["spec"]
    return found


def main(manifests: Manifests, name: str = "registry", kind: str = "Deployment") -> Document:
    found: Document = pod(manifests, kind, name)["containers"][0]
    return found


def configuration(manifests: Manifests, setting: str) -> dict[str, str]:
    data: dict[str, str] = next(one["data"] for one in manifests.of("ConfigMap") if setting in one["data"])
    return data


def without(kind: str, name: str) -> Callable[[Manifests], None]:
    def remove(manifests: Manifests) -> None:
        manifests.documents.remove(manifests.get(kind, name))

    return remove


def policy(manifests: Manifests, name: str) -> Document:
    found: Document = manifests.get("NetworkPolicy", name)["spec"]
    return found


def forget_setting(manifests: Manifests) -> None:
    container = main(manifests)
    container["env"] = [one for one in container["env"] if one["name"] != "TITULAR_SECRET_FILE"]


MUTATIONS: tuple[tuple[Rule, str, Callable[[Manifests], object]], ...] = (
    (manifest_rules.images_are_pinned, "latest", lambda m: main(m).update(image="registry.example/titular/registry:latest")),
    (manifest_rules.images_are_pinned, "versions", lambda m: main(m).update(image="registry.example/titular/registry:0.0.9")),
    (manifest_rules.pods_are_restricted, "root", lambda m: main(m)["securityContext"].update(runAsUser=0)),
    (
        manifest_rules.pods_are_restricted,
        "seccomp",
        lambda m: pod(m, "Deployment", "registry")["securityContext"].pop("seccompProfile"),
    ),
    (
        manifest_rules.pods_are_restricted,
        "capability",
        lambda m: main(m)["securityContext"]["capabilities"].update(add=["NET_BIND_SERVICE"]),
    ),
    (manifest_rules.pods_are_restricted, "writable", lambda m: main(m)["securityContext"].update(readOnlyRootFilesystem=False)),
    (manifest_rules.pods_are_restricted, "host network", lambda m: pod(m, "StatefulSet", "sfu").update(hostNetwork=True)),
    (manifest_rules.nobody_has_a_token, "token", lambda m: pod(m, "Job", "prepare").pop("automountServiceAccountToken")),
    (manifest_rules.nobody_has_a_token, "account", lambda m: pod(m, "Deployment", "turn").update(serviceAccountName="default")),
    (
        manifest_rules.parts_are_probed,
        "sidecar",
        lambda m: pod(m, "StatefulSet", "sfu")["initContainers"][1].pop("livenessProbe"),
    ),
    (manifest_rules.parts_are_probed, "stores", lambda m: main(m)["livenessProbe"]["httpGet"].update(path="/health/ready")),
    (manifest_rules.resources_are_given, "limit", lambda m: main(m)["resources"].pop("limits")),
    (manifest_rules.parts_bear_disruption, "budget", without("PodDisruptionBudget", "gateway")),
    (manifest_rules.parts_bear_disruption, "spread", lambda m: pod(m, "Deployment", "notify").pop("topologySpreadConstraints")),
    (manifest_rules.parts_bear_disruption, "priority", lambda m: pod(m, "Deployment", "notify").pop("priorityClassName")),
    (manifest_rules.parts_bear_disruption, "rolling", lambda m: m.get("Deployment", "notify")["spec"].pop("strategy")),
    (manifest_rules.settings_are_right, "forgotten", forget_setting),
    (
        manifest_rules.settings_are_right,
        "forgotten value",
        lambda m: configuration(m, "TITULAR_SMTP_HOST").pop("TITULAR_SMTP_HOST"),
    ),
    (
        manifest_rules.settings_are_right,
        "unknown",
        lambda m: main(m)["env"].append({"name": "TITULAR_SMTP_HOST", "value": "mail"}),
    ),
    (
        manifest_rules.settings_are_right,
        "wrong",
        lambda m: configuration(m, "TITULAR_SMTP_PORT").update(TITULAR_SMTP_PORT="mail"),
    ),
    (manifest_rules.settings_are_right, "unmounted", lambda m: main(m)["volumeMounts"].pop(0)),
    (manifest_rules.secrets_stand_in_files, "nobody's", without("ExternalSecret", "turn")),
    (manifest_rules.secrets_stand_in_files, "variable", lambda m: main(m)["envFrom"].append({"secretRef": {"name": "registry"}})),
    (network_rules.everything_is_closed_first, "open", without("NetworkPolicy", "default-deny")),
    (network_rules.everything_is_closed_first, "none", without("NetworkPolicy", "notify")),
    (network_rules.ports_are_declared_and_allowed, "undeclared", lambda m: main(m, "gateway").update(ports=[])),
    (
        network_rules.ports_are_declared_and_allowed,
        "other",
        lambda m: configuration(m, "TITULAR_HTTP_PORT").update(TITULAR_HTTP_PORT="8002"),
    ),
    (
        network_rules.ports_are_declared_and_allowed,
        "beyond",
        lambda m: policy(m, "gateway")["ingress"][0]["ports"].append({"port": 22}),
    ),
    (
        network_rules.ports_are_declared_and_allowed,
        "all",
        lambda m: policy(m, "sfu")["ingress"][3]["ports"][0].update(endPort=30000),
    ),
    (network_rules.ways_have_two_ends, "one end", lambda m: policy(m, "turn")["egress"][0]["ports"][0].update(endPort=20299)),
    (network_rules.services_reach_pods, "port", lambda m: main(m)["ports"][0].update(name="other")),
    (network_rules.services_reach_pods, "backend", without("Service", "streams")),
    (network_rules.figures_are_not_published, "open", lambda m: m.get("Middleware", "closed")["spec"].update(ipAllowList={})),
    (network_rules.figures_are_not_published, "missing", without("Middleware", "streams")),
    (network_rules.each_room_can_be_reached, "count", lambda m: m.get("StatefulSet", "sfu")["spec"].update(replicas=3)),
    (network_rules.each_room_can_be_reached, "service", without("Service", "signalling-1")),
    (
        network_rules.one_host,
        "streams",
        lambda m: configuration(m, "TITULAR_STREAMS_URL").update(TITULAR_STREAMS_URL="https://other.example/x"),
    ),
    (
        network_rules.queues_that_scale_exist,
        "queue",
        lambda m: m.get("ScaledObject", "notify")["spec"]["triggers"][0]["metadata"].update(
            queueName="evt-certification-Other--notify.on_other"
        ),
    ),
    (
        network_rules.queues_that_scale_exist,
        "without a password",
        lambda m: m.get("ScaledObject", "notify")["spec"]["triggers"][0].pop("authenticationRef"),
    ),
    (network_rules.queues_that_scale_exist, "forgotten", lambda m: m.get("ScaledObject", "notify")["spec"]["triggers"].pop()),
)


@pytest.mark.parametrize(("rule", "what", "mutate"), MUTATIONS, ids=lambda value: getattr(value, "__name__", value))
def test_it_is_seen_where_it_does_not_hold(
    rule: Rule, what: str, mutate: Callable[[Manifests], object], production: Manifests
) -> None:
    # given manifests of which the rule holds
    assert rule(production) == [], what

    # when one thing is changed
    mutate(production)

    # then the rule says so
    assert rule(production)


def test_every_rule_has_been_seen_to_fail() -> None:
    assert {rule for rule, _, _ in MUTATIONS} == set(RULES)
