"""Drawing a document: on the screen's text, as PDF, for Excel, on a roll."""
