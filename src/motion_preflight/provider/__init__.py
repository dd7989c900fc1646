"""The provider: where its answers keep what is asked of them, and what its refusals mean."""
