"""The schema of the local database, as package data."""
