"""A busy shop for hours in fast motion: open window, running synchronisation, failing disk and network."""
