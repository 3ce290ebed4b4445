"""What the name services cost, measured on invented registers beside the usual ways to search."""
