"""The shops of the reports, to draw what they say."""

from tests.reports.conftest import books

__all__ = ["books"]
