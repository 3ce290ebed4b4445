"""Pages for people: rendered on the server, complete without scripts, nothing from outside."""
