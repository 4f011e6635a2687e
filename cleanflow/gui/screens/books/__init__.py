"""Screens of the books: ledger, audit trail, reports, paper."""
