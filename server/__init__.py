"""The sync server: a meeting point for a shop's PCs that only stores and hands on.

Read in this order: app.py (what is asked), store.py and schema.sql (what is kept), database.py,
auth.py, admin.py, page.py. Imports nothing of cleanflow but the protocol.
"""
