"""The socket of a session: its language, the session that outlives its connections, and their writers."""
