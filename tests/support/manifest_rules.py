"""What must hold of every pod: each rule returns what breaks it, a line for each; nothing where it holds."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tests.support import required_settings
from tests.support.manifests import SERVING, Document, Manifests, Workload

PINNED = re.compile(r".+:v?\d+\.\d+[\w.-]*$")
OURS = re.compile(r"(?:^|/)titular/([a-z]+):")


def images_are_pinned(manifests: Manifests) -> list[str]:
    """By a version; all of ours by the same."""
    images = {(load.name, one["image"]) for load in manifests.workloads() for one in load.containers}
    tags = {image.rpartition(":")[2] for _, image in images if OURS.search(image)}
    loose = [f"{name}: {image} is not pinned" for name, image in sorted(images) if not PINNED.match(image)]
    return loose + ([f"several versions of ours: {sorted(tags)}"] if len(tags) != 1 else [])


def pods_are_restricted(manifests: Manifests) -> list[str]:
    """Kubernetes' standard "restricted", a read-only root besides; ours as the user that their images have."""
    return [f"{load.name}: {fault}" for load in manifests.workloads() for fault in _unrestricted(load)]


def _unrestricted(load: Workload) -> Iterator[str]:
    pod = load.pod.get("securityContext", {})
    if pod.get("seccompProfile") != {"type": "RuntimeDefault"} or not pod.get("runAsNonRoot"):
        yield "pod without seccomp or non-root"
    if any(load.pod.get(key) for key in ("hostNetwork", "hostPID", "hostIPC")):
        yield "shares the host"
    if any("hostPath" in volume for volume in load.pod.get("volumes", [])):
        yield "mounts the host's files"
    for one in load.containers:
        context = one.get("securityContext", {})
        capabilities = context.get("capabilities", {})
        added = set(capabilities.get("add", []))
        if not (context.get("readOnlyRootFilesystem") and context.get("runAsNonRoot") and context.get("runAsUser") == 10001):
            yield f"{one['name']}: root, another user or a root file system that can be written"
        if context.get("allowPrivilegeEscalation") is not False or context.get("privileged"):
            yield f"{one['name']}: may gain rights"
        if capabilities.get("drop") != ["ALL"] or added - {"NET_BIND_SERVICE"} or (added and OURS.search(one["image"])):
            yield f"{one['name']}: capabilities"
        if any("hostPort" in port for port in one.get("ports", [])):
            yield f"{one['name']}: a port of the host"


def nobody_has_a_token(manifests: Manifests) -> list[str]:
    """No pod of ours speaks to Kubernetes, and each part has an account of its own."""
    accounts = {
        one["metadata"]["name"] for one in manifests.of("ServiceAccount") if one.get("automountServiceAccountToken") is False
    }
    return [
        f"{load.name}: a token, or no account of its own"
        for load in manifests.workloads()
        if load.pod.get("automountServiceAccountToken") is not False or load.pod.get("serviceAccountName") not in accounts
    ]


def parts_are_probed(manifests: Manifests) -> list[str]:
    """Every container that stays has the three probes, on ports that it declares."""
    faults = []
    for load in manifests.workloads(*SERVING):
        for one in load.serving:
            declared = {port["name"] for port in one.get("ports", [])}
            for kind in ("startupProbe", "livenessProbe", "readinessProbe"):
                probe = one.get(kind, {})
                asked = probe.get("httpGet", probe.get("tcpSocket", {}))
                if asked.get("port") not in declared:
                    faults.append(f"{load.name}/{one['name']}: {kind}")
                elif kind != "readinessProbe" and "ready" in asked.get("path", ""):
                    faults.append(f"{load.name}/{one['name']}: {kind} would end it for a store that is away")
    return faults


def resources_are_given(manifests: Manifests) -> list[str]:
    """Requests of both, a limit of memory."""
    return [
        f"{load.name}/{one['name']}: resources"
        for load in manifests.workloads()
        for one in load.containers
        if not {"cpu", "memory"} <= set(one.get("resources", {}).get("requests", {}))
        or "memory" not in one["resources"].get("limits", {})
    ]


def parts_bear_disruption(manifests: Manifests) -> list[str]:
    """A budget, a spread over machines, a priority, time to stop, and updates that begin with the new pod."""
    faults = []
    budgets = [one["spec"]["selector"]["matchLabels"] for one in manifests.of("PodDisruptionBudget")]
    for load in manifests.workloads(*SERVING):
        if not any(_selects(budget, load.labels) for budget in budgets):
            faults.append(f"{load.name}: no disruption budget")
        spreads = [one["labelSelector"]["matchLabels"] for one in load.pod.get("topologySpreadConstraints", [])]
        if not spreads or not all(_selects(spread, load.labels) for spread in spreads):
            faults.append(f"{load.name}: no spread")
        if not load.pod.get("priorityClassName") or "terminationGracePeriodSeconds" not in load.pod:
            faults.append(f"{load.name}: no priority or no time to stop")
        rolling = load.spec.get("strategy", {}).get("rollingUpdate")
        if load.kind == "Deployment" and rolling != {"maxUnavailable": 0, "maxSurge": 1}:
            faults.append(f"{load.name}: an update takes pods away before others are there")
    return faults


def settings_are_right(manifests: Manifests) -> list[str]:
    """Each program of ours gets every setting that it needs and none that it does not know."""
    faults = []
    for load in manifests.workloads():
        for one in load.containers:
            program = program_of(one)
            if program is not None:
                found = required_settings.faults(program, manifests.environment(one), manifests.files(load.pod, one))
                faults += [f"{load.name}/{one['name']}: {fault}" for fault in found]
    return faults


def secrets_stand_in_files(manifests: Manifests) -> list[str]:
    """No variable from a Secret, and every Secret that is mounted is made by somebody, with that key."""
    faults = [
        f"{load.name}/{one['name']}: a secret in a variable"
        for load in manifests.workloads()
        for one in load.containers
        if "secretKeyRef" in str(one.get("env", "")) or "secretRef" in str(one.get("envFrom", ""))
    ]
    made = manifests.secrets()
    for load in manifests.workloads():
        for volume in load.pod.get("volumes", []):
            sources = [part["secret"] for part in volume.get("projected", {}).get("sources", [])]
            sources += [{**volume["secret"], "name": volume["secret"]["secretName"]}] if "secret" in volume else []
            for source in sources:
                missing = {item["key"] for item in source.get("items", [])} - made.get(source["name"], set())
                if missing or source["name"] not in made:
                    faults.append(f"{load.name}: nobody makes {source['name']} {sorted(missing)}")
    return faults


def program_of(container: Document) -> str | None:
    """The module that a container of ours runs, "sfu" for Janus; None for others' programs and for steps before the start."""
    command = container.get("command", [])
    image = OURS.search(container["image"])
    if image and len(command) > 2 and command[1] == "-m":
        return str(command[2])
    return required_settings.SFU if image and image[1] == "sfu" and not command else None


def _selects(selector: dict[str, str], labels: object) -> bool:
    return isinstance(labels, dict) and bool(selector) and selector.items() <= labels.items()


RULES = (
    images_are_pinned,
    pods_are_restricted,
    nobody_has_a_token,
    parts_are_probed,
    resources_are_given,
    parts_bear_disruption,
    settings_are_right,
    secrets_stand_in_files,
)
