"""Long work: asked for over HTTP, done in a process of its own, watched and cancelled by anybody.

One folder holds it all: a small SQLite file (`book`), uploaded files under their digest
(`uploads`), and for each job a folder with its lock and its results.
"""
