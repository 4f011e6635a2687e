"""Reports: one module a report (query -> plain numbers -> document), one a format that draws documents.

Numbers are frozen dataclasses; a :class:`~cleanflow.rendering.document.Document` is what people see of
them. Formats know documents alone, so that every report comes in every format.
"""
