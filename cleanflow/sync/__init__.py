"""Synchronisation with the shop's server: the protocol, and the client on the PC."""

import cleanflow.sync.refusals  # noqa: F401 - declares what this room refuses
