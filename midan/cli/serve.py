"""`midan serve`: the pages, the API and the sequencer, started and stopped together."""

from typing import Annotated

import typer


def serve(
    host: Annotated[str, typer.Option(help="address to bind")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=1, max=65535, help="port to bind")] = 8000,
    workers: Annotated[int, typer.Option(min=1, max=64, help="web processes")] = 2,
) -> None:
    """Serve the pages and the API, and keep the log's tree growing."""
    from midan.config.server import run
    from midan.demo.signins import follow

    run("midan.config.wsgi:application", host=host, port=port, workers=workers, on_address=follow)
