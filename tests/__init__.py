"""The tests, one room of the program a folder; `python3 -m tests` sets up what they need and runs them."""
