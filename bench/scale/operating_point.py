"""One operating point, measured on the local stack and predicted by the model: how far the model may be trusted."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

from bench.scale.driving import Driver, stories, whole
from bench.scale.figures import Assumptions, Measured
from bench.scale.formulas import quantile
from bench.scale.journey import Journey
from bench.scale.network import CORES, Layout, Network
from bench.scale.queueing import Simulation
from bench.scale.routes import Route, Step, Visit

WORKERS, EMISSIONS, RUNS = 4, 10, 20
"""Emissions that go on at once, how many each worker drives one after the other, and how often the prediction is repeated."""


def drive(driver: Driver) -> dict[str, float]:
    """In-person emissions by several workers, nobody pausing: throughput, waits, and the driver's own processor time."""
    driver.answers.seconds.clear()
    clerks = [driver.clerk(number) for number in range(WORKERS)]
    began, used = time.monotonic(), time.process_time()
    with ThreadPoolExecutor(WORKERS) as pool:
        told = [stories(5000 + 100 * number, EMISSIONS, "in_person") for number in range(WORKERS)]
        for done in [pool.submit(whole, driver, share, clerks[number]) for number, share in enumerate(told)]:
            done.result()
    seconds, count = time.monotonic() - began, WORKERS * EMISSIONS
    answered = sorted(driver.answers.seconds)
    return {
        "cores": os.cpu_count() or 1,
        "workers": WORKERS,
        "emissions": count,
        "emissions_per_minute": round(count / seconds * 60, 2),
        "request_mean_s": round(sum(answered) / len(answered), 4),
        "request_p50_s": round(quantile(answered, 0.5), 4),
        "request_p99_s": round(quantile(answered, 0.99), 4),
        "requests_per_emission": round(len(answered) / count, 2),
        "driver_cpu_per_emission_s": round((time.process_time() - used) / count, 4),
    }


def predict(point: Mapping[str, float], assumptions: Assumptions, measured: Measured) -> dict[str, float]:
    """The same by the model: as many jobs that go round and round on one machine, without pauses, pages or rooms."""
    no_pauses = {name: 0.0 for name in assumptions.emission if name.endswith("_minutes")}
    no_pages = {name: 0.0 for name in assumptions.pages if not name.endswith("_seconds")} | {"emission_page_seconds": 1e9}
    unhurried = replace(assumptions, emission={**assumptions.emission, **no_pauses}, pages={**assumptions.pages, **no_pages})
    throughput, p50, p99, mean = 0.0, 0.0, 0.0, 0.0
    for seed in range(RUNS):
        network = Network(Layout.one_machine(int(point["cores"]), unhurried, measured), unhurried, measured)
        journey = Journey(network, unhurried, measured)
        driver = Visit(network.station(CORES), point["driver_cpu_per_emission_s"])
        once: list[Step] = [driver, *journey.ways[False, False].steps]
        route = Route("round", once * round(point["emissions"] / point["workers"]))
        simulation = Simulation(seed, (0.0, 1e9))
        for _ in range(int(point["workers"])):
            simulation.add(0.0, route)
        simulation.run()
        answered = sorted(journey.tallies.requests.lasted)
        throughput += point["emissions"] / simulation.now * 60 / RUNS
        p50 += quantile(answered, 0.5) / RUNS
        p99 += quantile(answered, 0.99) / RUNS
        mean += sum(answered) / len(answered) / RUNS
    return {
        "emissions_per_minute": round(throughput, 2),
        "request_mean_s": round(mean, 4),
        "request_p50_s": round(p50, 4),
        "request_p99_s": round(p99, 4),
    }
