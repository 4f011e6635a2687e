"""Printing, with real spool folders and page images; only the printers are fakes."""
