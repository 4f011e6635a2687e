"""The sync server: a meeting point for a shop's PCs that only stores and hands on.

Read in this order, an hour for the first two steps:

1. app.py (what is asked), store.py and schema.sql (what is kept), with admission.py and journal.py.
2. database.py and control.sql (one schema a shop), auth.py and admin.py (who may speak for a shop).
3. What guards the door: bodies.py, rates.py, failures.py, recording.py, running.py.
4. When it is needed: page.py, owner_view.py and html.py (the owner's page), openapi.py and schemas.py (the
   protocol's description), embedded.py (a PostgreSQL of one's own).

Imports nothing of cleanflow but the protocol.
"""
