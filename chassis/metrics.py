"""What is counted and timed (Prometheus)."""

from prometheus_client import Counter, Gauge, Histogram

CALLS = Histogram(
    "titular_call_seconds",
    "Answered operations",
    ["service", "operation", "outcome"],
    buckets=(0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
)
HANDLED = Histogram(
    "titular_event_seconds",
    "Handled events",
    ["queue", "outcome"],
    buckets=(0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 60),
)
RELAYED = Counter("titular_relayed_events_total", "Events published and confirmed", ["source"])
RELAY_LAG = Gauge("titular_relay_pending_events", "Stored events found waiting at the last look", ["source"])
CIRCUITS = Gauge("titular_circuit_state", "Circuit of a called service: 0 closed, 1 half open, 2 open", ["service"])
UNANSWERED = Counter("titular_unanswered_calls_total", "Questions without an answer", ["service", "reason"])
