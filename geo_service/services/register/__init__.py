"""The register kept by hand: acts on records, their lineage, their history."""
