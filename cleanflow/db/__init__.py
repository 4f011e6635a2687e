"""The local database: opening it, its migrations, transactions and checkpoints.

The only room that imports sqlite3. What a record means is left to :mod:`cleanflow.dao`.
"""

import cleanflow.db.refusals  # noqa: F401 - declares what this room refuses
from cleanflow.db.database import Database, Row, open_database, open_for_reading
from cleanflow.db.transactions import bulk, snapshot, with_transaction

__all__ = ["Database", "Row", "bulk", "open_database", "open_for_reading", "snapshot", "with_transaction"]
