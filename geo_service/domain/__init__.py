"""The vocabulary of place names and boundaries: frozen values, no I/O.

All geometry in the domain is CGCS2000 longitude/latitude in degrees (EPSG:4490); whatever comes
in another system is transformed at the door. shapely is imported for type checking only, so that
checking a name does not pay for it.
"""
