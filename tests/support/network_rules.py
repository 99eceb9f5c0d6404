"""What must hold between pods: who may reach whom, by which names and ports. Rules as in :mod:`.manifest_rules`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

from contracts.topology import SUBSCRIPTIONS
from tests.support.manifest_rules import program_of
from tests.support.manifests import SERVING, Document, Manifests, Workload

JANUS_PORTS = {("TCP", 8088), ("TCP", 8188)}
LISTENS = {
    "gateway": "TITULAR_HTTP_PORT",
    "gateway.streams": "TITULAR_STREAMS_PORT",
    "services.conference.recorder": "TITULAR_RECORDER_PORT",
}
HEALTH = "TITULAR_HEALTH_PORT"
RANGE = "TITULAR_SFU_RTP_PORTS"
MIDDLEWARES = "traefik.ingress.kubernetes.io/router.middlewares"
INSIDE = ("/health", "/metrics", "/fluxos/health", "/fluxos/metrics")
NOBODY = ["255.255.255.255/32"]
Port = tuple[str, int]


def everything_is_closed_first(manifests: Manifests) -> list[str]:
    """A policy for every pod that opens nothing, and one of its own for each workload."""
    policies = [one["spec"] for one in manifests.of("NetworkPolicy")]
    closed = any(
        not one["podSelector"] and set(one["policyTypes"]) == {"Ingress", "Egress"} and not _opens(one) for one in policies
    )
    alone = [f"{load.name}: no policy" for load in manifests.workloads() if not list(_policies(manifests, load.labels))]
    return alone + ([] if closed else ["nothing is denied by default"])


def ports_are_declared_and_allowed(manifests: Manifests) -> list[str]:
    """What a program listens on is declared and let in; nothing else is."""
    faults = []
    for load in manifests.workloads(*SERVING):
        declared = {_port(port) for one in load.serving for port in one.get("ports", [])}
        expected = set().union(*(_listens(manifests, one) for one in load.serving))
        if expected and declared != expected:
            faults.append(f"{load.name}: declares {sorted(declared)}, listens on {sorted(expected)}")
        allowed = {
            port
            for rule in _rules(manifests, load.labels, "ingress")
            for port in rule.get("ports", [{"port": "any"}])
            for port in [_range(port)]
        }
        wanted = {(*port, port[1]) for port in declared} | _media(manifests, load)
        beyond = {port for port in allowed if port not in wanted}
        if expected and (beyond or wanted - allowed):
            faults.append(f"{load.name}: let in {sorted(beyond, key=str)} beyond, not {sorted(wanted - allowed)}")
    return faults


def ways_have_two_ends(manifests: Manifests) -> list[str]:
    """Who may send to a pod is let in there."""
    return [
        f"{sender.name} may send to {target.name} at {_range(port)}, which does not let it in"
        for sender in manifests.workloads()
        for rule in _rules(manifests, sender.labels, "egress")
        for peer in rule.get("to", [])
        for target in _selected(manifests, peer)
        for port in rule["ports"]
        if not _lets_in(manifests, target, sender, _range(port))
    ]


def services_reach_pods(manifests: Manifests) -> list[str]:
    """A Service's ports are ports of its pods; an Ingress names Services that are there."""
    faults = []
    loads = list(manifests.workloads(*SERVING))
    for one in manifests.of("Service"):
        selector = {k: v for k, v in one["spec"].get("selector", {}).items() if not k.startswith("statefulset.")}
        found = [load for load in loads if selector and selector.items() <= load.labels.items()]
        names = {port["name"] for load in found for part in load.serving for port in part.get("ports", [])}
        if selector and not {port["targetPort"] for port in one["spec"]["ports"]} <= names:
            faults.append(f"service {one['metadata']['name']}: no pod has its ports")
    ports = {(one["metadata"]["name"], port["name"]) for one in manifests.of("Service") for port in one["spec"]["ports"]}
    for path in _paths(manifests):
        service = path["backend"]["service"]
        if (service["name"], service["port"]["name"]) not in ports:
            faults.append(f"ingress {path['path']}: no service {service}")
    return faults


def each_room_can_be_reached(manifests: Manifests) -> list[str]:
    """Each SFU instance that the conference knows is a pod, with a Service and a path for its signalling."""
    settings = manifests.environment({"envFrom": [{"configMapRef": {"name": _map_of(manifests, "TITULAR_SFU_INSTANCES")}}]})
    names = settings["TITULAR_SFU_INSTANCES"].split(",")
    faults = []
    count = manifests.get("StatefulSet", "sfu")["spec"]["replicas"]
    if names != [f"sfu-{number}" for number in range(count)]:
        faults.append(f"the conference knows {names}, there are {count}")
    services = {one["metadata"]["name"]: one["spec"].get("selector", {}) for one in manifests.of("Service")}
    paths = {path["path"]: path["backend"]["service"]["name"] for path in _paths(manifests)}
    for name in names:
        place = urlsplit(settings["TITULAR_SIGNALLING_URL"].replace("{instance}", name)).path
        if services.get(paths.get(place, ""), {}).get("statefulset.kubernetes.io/pod-name") != name:
            faults.append(f"{place} does not lead to {name}")
    return faults


def figures_are_not_published(manifests: Manifests) -> list[str]:
    """Health and figures let nobody in from outside; and every Middleware that an Ingress names is there."""
    there = {
        f"{one['metadata']['namespace']}-{one['metadata']['name']}@kubernetescrd": one["spec"]
        for one in manifests.of("Middleware")
    }
    closed, faults = set(), []
    for one in manifests.of("Ingress"):
        named = one["metadata"]["annotations"].get(MIDDLEWARES)
        if named is not None and named not in there:
            faults.append(f"ingress {one['metadata']['name']}: no {named}")
        elif named is not None and there[named].get("ipAllowList", {}).get("sourceRange") == NOBODY:
            closed |= {path["path"] for rule in one["spec"]["rules"] for path in rule["http"]["paths"]}
    return faults + [f"{path} is published" for path in INSIDE if path not in closed]


def one_host(manifests: Manifests) -> list[str]:
    """Pages, streams, signalling and certificate agree where they are."""
    told = {}
    for one in manifests.of("ConfigMap"):
        for name in ("PUBLIC_URL", "STREAMS_URL", "SIGNALLING_ORIGIN", "SIGNALLING_URL"):
            if f"TITULAR_{name}" in one["data"]:
                told[name] = urlsplit(one["data"][f"TITULAR_{name}"]).hostname
    for one in manifests.of("Ingress"):
        told |= {f"ingress {one['metadata']['name']}": rule["host"] for rule in one["spec"]["rules"]}
        told |= {f"tls {one['metadata']['name']}": host for tls in one["spec"]["tls"] for host in tls["hosts"]}
    return [] if len(set(told.values())) == 1 else [f"several hosts: {told}"]


def queues_that_scale_exist(manifests: Manifests) -> list[str]:
    """Every queue by whose depth a service is scaled is one that this service consumes, and none is forgotten."""
    faults = []
    for one in manifests.of("ScaledObject"):
        target = one["spec"]["scaleTargetRef"]["name"]
        queues = {trigger["metadata"]["queueName"] for trigger in one["spec"]["triggers"]}
        wanted = {subscription.queue for subscription in SUBSCRIPTIONS if subscription.service == target}
        if queues != wanted:
            faults.append(f"{target}: {sorted(queues ^ wanted)}")
        if any("authenticationRef" not in trigger for trigger in one["spec"]["triggers"]):
            faults.append(f"{target}: a queue would be asked for without a password")
        if any("replicas" in load.spec for load in manifests.workloads("Deployment") if load.name == target):
            faults.append(f"{target}: each apply would set its number back")
    return faults


def _map_of(manifests: Manifests, setting: str) -> str:
    return next(str(one["metadata"]["name"]) for one in manifests.of("ConfigMap") if setting in one["data"])


def _paths(manifests: Manifests) -> Iterator[Document]:
    for one in manifests.of("Ingress"):
        for rule in one["spec"]["rules"]:
            yield from rule["http"]["paths"]


def _listens(manifests: Manifests, container: Document) -> set[Port]:
    program = program_of(container)
    if program is None:
        return set()
    if program == "sfu":
        return JANUS_PORTS
    return {("TCP", int(manifests.environment(container)[LISTENS.get(program, HEALTH)]))}


def _media(manifests: Manifests, load: Workload) -> set[tuple[str, int, int]]:
    ranges = [manifests.environment(one).get(RANGE) for one in load.serving]
    return {("UDP", *map(int, found.split("-"))) for found in ranges if found}  # type: ignore[misc]


def _port(port: Document) -> Port:
    return port.get("protocol", "TCP"), port["containerPort"]


def _range(port: Document) -> tuple[str, Any, Any]:
    return port.get("protocol", "TCP"), port["port"], port.get("endPort", port["port"])


def _opens(policy: Document) -> bool:
    return bool(policy.get("ingress") or policy.get("egress"))


def _policies(manifests: Manifests, labels: Any) -> Iterator[Document]:
    for one in manifests.of("NetworkPolicy"):
        selector = one["spec"]["podSelector"].get("matchLabels", {})
        if selector and selector.items() <= labels.items():
            yield one["spec"]


def _rules(manifests: Manifests, labels: Any, way: str) -> Iterator[Document]:
    for policy in _policies(manifests, labels):
        yield from policy.get(way, [])


def _selected(manifests: Manifests, peer: Document) -> list[Workload]:
    selector = peer.get("podSelector", {}).get("matchLabels", {})
    return [load for load in manifests.workloads() if selector and selector.items() <= load.labels.items()]


def _lets_in(manifests: Manifests, target: Workload, sender: Workload, port: tuple[str, Any, Any]) -> bool:
    return any(
        port in map(_range, rule["ports"])
        and any(sender.name in {load.name for load in _selected(manifests, peer)} for peer in rule["from"])
        for rule in _rules(manifests, target.labels, "ingress")
    )


RULES = (
    everything_is_closed_first,
    ports_are_declared_and_allowed,
    ways_have_two_ends,
    services_reach_pods,
    each_room_can_be_reached,
    figures_are_not_published,
    one_host,
    queues_that_scale_exist,
)
