"""The shops of the report tests, whose reports are drawn here."""

from tests.reports.conftest import books

__all__ = ["books"]
