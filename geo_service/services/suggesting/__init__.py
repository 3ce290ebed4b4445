"""Where alternatives to a name come from: the name itself, and what the register holds around."""
