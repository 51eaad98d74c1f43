"""The public API: REST and WebSocket."""
