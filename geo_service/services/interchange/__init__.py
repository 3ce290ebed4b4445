"""Files in and out of the register.

A file is copied, parsed in a child process under limits (`sandbox`, `child`, `readers/`), turned
into records with every problem named in one pass (`reading`, `convert`, `placement`), and written
in one transaction or not at all (`importing`). `exporting` writes files that never exist half.
"""
