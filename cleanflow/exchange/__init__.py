"""Records from and for other programs: importing their files, exporting the ledger as a journal.

Reading: :mod:`table` opens a file of any format as one plain table, :mod:`mapping` finds which column gives
which field, :mod:`lines` makes records of the lines, :mod:`preview` shows what was understood, and
:mod:`importing` adds the records through :mod:`cleanflow.dao`. Programs are described in :mod:`formats`.
"""

import cleanflow.exchange.refusals  # noqa: F401 - declares what this room refuses
