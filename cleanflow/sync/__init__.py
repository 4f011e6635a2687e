"""Synchronisation with the shop's server: what is said on the wire, and (on the PC) who says it."""

import cleanflow.sync.refusals  # noqa: F401 - declares what this room refuses
