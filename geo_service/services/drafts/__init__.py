"""Drafts: acts on the register proposed by one person and decided on by another."""
