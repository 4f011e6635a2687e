"""Synchronisation with the shop's server: what is said on the wire, and (on the PC) who says it."""
