"""geo-service: the place-name and administrative-boundary register of a Chinese city."""

__version__ = "0.1.0"
