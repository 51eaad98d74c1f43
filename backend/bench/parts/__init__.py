"""What the benchmarks share: server processes that can be killed, a proxy that cuts, and arithmetic."""
