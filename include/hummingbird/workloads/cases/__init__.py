"""Running single cases: a runner for each kind of nightly suite, and what the queue's pods do with them."""
