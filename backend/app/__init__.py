"""SpeakMate AI: the server."""
