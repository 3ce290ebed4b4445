"""`python -m geo_service` is the command `geo-service`."""

from __future__ import annotations

from geo_service.cli.main import main

if __name__ == "__main__":
    main()
