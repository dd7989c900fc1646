"""For the tests of programs that use this one: a provider on this machine, clips and pictures.

    from motion_preflight.testing import MotionProvider, make_clip, make_picture

`pytest_plugins = ["motion_preflight.testing.plugin"]` in a conftest.py brings the fixture
`motion_provider`. The other modules are a media host with habits, and operations on MP4 boxes.
"""

from motion_preflight.testing.media import make_clip, make_picture
from motion_preflight.testing.provider import MotionProvider

__all__ = ["MotionProvider", "make_clip", "make_picture"]
