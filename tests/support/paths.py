"""Where the project and its fixtures are."""

from pathlib import Path

ROOT = Path(__file__).parents[2]
FIXTURES = ROOT / "fixtures"
MEDIA = FIXTURES / "media"
