"""What is known of the provider and of those that sell the same."""
