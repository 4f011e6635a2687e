"""Keeping the books safe: checking them, and (later issues) backing them up and bringing them back."""

import cleanflow.safekeeping.refusals  # noqa: F401 - declares what this room refuses
