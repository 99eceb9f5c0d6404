"""``titular events``: what the services say to one another, live."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click
import pika

from cli.console import console
from cli.dead import dead
from cli.stuck import stuck
from contracts.envelope import Envelope
from contracts.errors import InvalidInput
from contracts.topology import SOURCES, exchange_name
from deploy.local.configuration import default_data, read


@click.group()
@click.option("--data", type=click.Path(path_type=Path), default=default_data, help="Folder of the stack's data.")
@click.pass_context
def events(context: click.Context, data: Path) -> None:
    """Watch the event streams, and mend what is unhandled or stuck."""
    context.obj = data


for command in (dead, stuck):
    events.add_command(command)


@events.command()
@click.option("--type", "types", multiple=True, help="Only events of this type (may be repeated).")
@click.option("--emission", help="Only events of this emission.")
@click.option("--json", "as_json", is_flag=True, help="One CloudEvents object a line.")
@click.pass_obj
def tail(data: Path, types: tuple[str, ...], emission: str | None, as_json: bool) -> None:
    """Show events as they happen, until Ctrl+C."""
    try:
        url = read(data).broker_url
    except FileNotFoundError as error:
        raise click.ClickException(f"no stack has been started on {data}; `make up` starts one") from error
    try:
        connection = pika.BlockingConnection(pika.URLParameters(url))
    except pika.exceptions.AMQPConnectionError as error:
        raise click.ClickException("the broker does not answer; is the stack running?") from error
    channel = connection.channel()
    queue = channel.queue_declare("", exclusive=True).method.queue
    for source in SOURCES:
        channel.exchange_declare(exchange_name(source), "topic", durable=True)
        for pattern in types or ("#",):
            channel.queue_bind(queue, exchange_name(source), pattern)

    def show(_channel: Any, _method: Any, _properties: Any, body: bytes) -> None:
        try:
            envelope = Envelope.from_dict(json.loads(body))
        except (ValueError, InvalidInput):
            console.print(f"no event of ours: {body[:100]!r}", style="yellow", markup=False)
            return
        if emission and envelope.emission_id != emission:
            return
        console.print(body.decode() if as_json else _line(envelope), markup=False)

    channel.basic_consume(queue, show, auto_ack=True)
    try:
        channel.start_consuming()
    except KeyboardInterrupt:
        connection.close()


def _line(envelope: Envelope) -> str:
    subject = envelope.emission_id or envelope.subject
    return f"{envelope.time:%H:%M:%S} {envelope.source:>13} {envelope.type:<24} {subject[:8]}  {json.dumps(envelope.data)}"
