"""The pages that lay a report out as a document, one module each."""
