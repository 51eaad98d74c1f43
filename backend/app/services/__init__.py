"""Services: what the product knows how to do, free of frameworks and I/O."""
