"""Values and words that every room shares. Pure: nothing here reaches the world."""
