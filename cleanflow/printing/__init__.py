"""Printing: paper sizes, this PC's printers, the print queue, and the preview.

What a page says is decided in reports. Nothing here writes a business record, so printing may fail or be
repeated.
"""

import cleanflow.printing.refusals  # noqa: F401 - declares what this room refuses
