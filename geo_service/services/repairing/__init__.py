"""Mends for findings on boundaries: drafted, tried on the whole review, shown, and then applied."""
