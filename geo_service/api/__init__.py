"""The HTTP interface: JSON for programs, and the application that also serves the pages."""
