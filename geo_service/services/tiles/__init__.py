"""Vector tiles: collections as Mapbox Vector Tiles 2.1, one by one or as one PMTiles file."""
