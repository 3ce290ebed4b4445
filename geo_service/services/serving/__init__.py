"""What is served as features: OGC API, tiles, pages and reconciliation read one declaration.

`fields` and `collections` say what each collection is; `sources` reads its features from a view of
the register; `snapshot` and `cache` keep them ready.
"""
