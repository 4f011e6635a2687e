"""Hours of a busy shop in fast motion: the window open, synchronising on, the disk and the network failing."""
