"""What stands before the work: the first start, and who is there. Imports none of the screens."""
