"""Chinese writing, sound and spelling of names: pure functions over the tables in data/lexicons."""
