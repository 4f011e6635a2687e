"""The tests, one folder per room of the program. `python3 -m tests` sets up what they need and runs them."""
