"""Geometry of units and lines: arrays in, arrays out; EPSG:4490 unless a function says otherwise.

Lengths and areas are geodesic on the CGCS2000 ellipsoid. Nothing here repairs a geometry.
"""
