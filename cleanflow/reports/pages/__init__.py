"""The layout of reports and slips as documents, one module each."""
