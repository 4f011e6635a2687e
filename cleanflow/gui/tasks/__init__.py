"""The window's work off the screen: threads, synchronising, backups, printing."""
