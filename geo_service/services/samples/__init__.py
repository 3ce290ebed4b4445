"""Sample data: the real city for evaluation, and an invented one with seeded faults."""
