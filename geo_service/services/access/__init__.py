"""Sign-in and rights: the matrix, accounts, sessions and tokens."""
