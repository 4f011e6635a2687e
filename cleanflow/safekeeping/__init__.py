"""Keeping the books safe: checking them, and (later issues) backing them up and bringing them back."""
