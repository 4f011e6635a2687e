"""The business operations and questions of a shop, one module an aggregate.

Public write functions are whole operations: all-or-nothing, each leaving its ledger and audit rows.
They return frozen records, never rows. Screens, commands and reports leave SQL to this room and to reports.
"""

import cleanflow.dao.refusals  # noqa: F401 - declares what this room refuses
