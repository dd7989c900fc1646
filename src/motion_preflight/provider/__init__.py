"""The provider: its answers, its refusals, and those that sell the same."""
