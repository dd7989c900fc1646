"""Cases in processes of their own: what a case is, and what counts as a finding."""
