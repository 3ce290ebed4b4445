"""Stores: one schema, one log, one protocol; only this floor speaks SQL."""
