"""Personal data: taken out of what comes in, kept apart, read and erased for a reason."""
