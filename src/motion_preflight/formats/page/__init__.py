"""The page of `--format html`: what a card shows, how it is drawn, and its templates."""
