"""Parts of which the screens are made."""
