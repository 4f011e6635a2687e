"""The sync server: a meeting point for a shop's PCs that only stores and hands on.

In this order, an hour for the first two steps:

1. app.py (requests), store.py and schema.sql (what is stored), with admission.py and journal.py. 2.
database.py and control.sql (one schema a shop), auth.py and admin.py (who may speak for a shop). 3. The
guards: bodies.py, rates.py, failures.py, recording.py, running.py. 4. When needed: page.py, owner_view.py and
html.py (the owner's page), openapi.py (the protocol's description), embedded.py (a PostgreSQL of its own).

Imports nothing of cleanflow but the protocol. In a checkout this package is `server`, in an installed package
and a release `cleanflow.server`: imports inside it are relative.
"""

from importlib.resources import files


def sql_script(name: str) -> str:
    """The text of an SQL script of this package."""
    return files(__name__).joinpath(name).read_text(encoding="utf-8")


def is_script(name: str) -> bool:
    """Whether this package has an SQL script of that name."""
    return files(__name__).joinpath(name).is_file()
