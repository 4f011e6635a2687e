"""The building blocks of screens and dialogs."""
