"""`midan db`: the database's own accounts."""

import json

import typer

from midan.config.start import ready

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False, no_args_is_help=True)


@app.callback()
def db() -> None:
    """The database's own accounts."""


@app.command()
def roles() -> None:
    """Make the roles of web, keyd and jobs on PostgreSQL, each with no more rights than its process needs."""
    ready()
    from midan.catalog.settings import current
    from midan.config.roles import make

    print(json.dumps({"roles": make(), "folder": str(current().database_roles)}))
