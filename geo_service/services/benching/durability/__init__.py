"""Whether the store keeps its word: killed, without power, on a full disk."""
