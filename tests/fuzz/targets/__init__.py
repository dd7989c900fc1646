"""The parts of the program that are given broken data, and what must hold of them."""
