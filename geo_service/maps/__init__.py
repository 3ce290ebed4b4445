"""Maps that work without any network: folium drawing our records with our own assets."""
