"""Mending what synchronising finds: copies, losses, doubles, refusals."""
