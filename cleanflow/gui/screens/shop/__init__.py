"""Screens of the shop itself: settings, users, safekeeping, synchronising."""
