"""A working shop that the test will kill; prints the reference of each operation once it is confirmed.

Run as ``python -m tests.dao.killed_child DATABASE SEED``.
"""

from __future__ import annotations

import sys
from pathlib import Path
from random import Random

from cleanflow.dao.users import first_owner
from cleanflow.db import open_database
from cleanflow.errors import Refusal
from tests.dao.actions import KINDS, act


def main() -> None:
    """Work until killed."""
    random = Random(int(sys.argv[2]))
    with open_database(Path(sys.argv[1])) as db:
        owner = first_owner(db)
        db.session.user_id = owner.id if owner else None
        while True:
            kind = random.choice((0, 1, 2, 2, 3, 3, *range(KINDS)))
            try:
                made = act(db, kind, random.randrange(10**6), random.randrange(6), random.randrange(10**6))
            except Refusal:
                continue
            identity = getattr(made, "id", None)
            sys.stdout.write(f"{identity or '-'} {db.value('SELECT last_at FROM app_settings')}\n")
            sys.stdout.flush()


if __name__ == "__main__":
    main()
