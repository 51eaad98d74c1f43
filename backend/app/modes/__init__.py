"""What `run.py` does, one file a mode; whatever `launch` imports is standard library only."""
