"""Readers of single formats; they run in the child process only and import nothing above them."""
