"""Paper: its sizes, the printers of this PC, what waits to be printed, and how pages look before that.

Leaves to reports what stands on a page. Nothing here writes a record: printing may fail or be repeated
as often as it likes.
"""

import cleanflow.printing.refusals  # noqa: F401 - declares what this room refuses
