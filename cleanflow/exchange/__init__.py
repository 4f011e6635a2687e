"""Records from and for other programs: importing CSV files, exporting the ledger as a journal.

Reads and writes files; what becomes of a record is left to :mod:`cleanflow.dao`.
"""

import cleanflow.exchange.refusals  # noqa: F401 - declares what this room refuses
