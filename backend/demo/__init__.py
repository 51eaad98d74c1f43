"""--mode demo: a whole exam through the real socket, with a synthesised learner or with recordings."""
