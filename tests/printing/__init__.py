"""Printing: real spool folders and real pictures of pages; only the printers are made up."""
