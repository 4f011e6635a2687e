"""What the window does besides showing: threads, synchronising, backups, printing."""
