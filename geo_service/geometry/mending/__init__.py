"""Outlines and courses drawn anew, for a person to look at: nothing here is ever stored by itself.

Coordinates are EPSG:4490 and go in and out bit for bit: what is not mended keeps every vertex, and
what is mended takes over the vertices of the line or of the neighbour as they stand.
"""
