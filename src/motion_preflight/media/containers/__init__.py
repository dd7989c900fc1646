"""What the tables of a file say of its tracks and samples, one module for each container."""
