"""The rules: one file each, discovered by walking the family packages."""
