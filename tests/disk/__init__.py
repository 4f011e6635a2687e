"""Failing disks: power cuts at every write, full disks, faults. See shim.py."""
