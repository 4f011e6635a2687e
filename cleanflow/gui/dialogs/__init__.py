"""Everything that asks or tells in a window of its own, one module each; the base classes are widgets."""
