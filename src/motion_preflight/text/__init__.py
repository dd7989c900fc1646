"""Values and words that every room shares. Nothing here reads a file, the network or a clock."""
