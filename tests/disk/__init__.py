"""What the world does to a disk: power cuts at every write, full disks, faults; see shim.py."""
