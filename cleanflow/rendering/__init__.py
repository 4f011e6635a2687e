"""Drawing a document: as text, as PDF, for Excel, on a roll. What it says is decided in reports."""
