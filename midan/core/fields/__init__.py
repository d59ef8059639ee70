"""Fields an order row may carry: how each is normalised and when it is refused. Pure; no clock, no I/O."""
