"""The examples and explanations in the help."""

from __future__ import annotations

EXIT_CODES = """\
exit codes:
  0   every request passes; measured; submitted; completed
  1   a rule is broken, or a medium is unreadable; the provider refused or could
      not be reached, nothing was sent; the task or a download failed
  2   cannot run: command line, configuration, profile, request file, no
      ffprobe, no API key, a ledger that cannot be written
  3   unsure: not measurable, or it depends on how the server measures; still
      running at the end of the wait
  4   over budget: the high amounts exceed it, one has no price, or there are
      more requests than --max-requests allows
  5   sent, outcome unknown: it may have been billed
  70  a bug of ours     130  interrupted
"""


EXAMPLES = """\
examples:
  motion-preflight clip.mp4 me.png              what they are good for, what it costs
  motion-preflight check request.json
  motion-preflight check --model kling-v3-motion-control --mode std \\
      --orientation image --image me.png --video https://example.com/clip.mp4
  motion-preflight estimate request.json --format json
  motion-preflight submit request.json --dry-run
  motion-preflight submit request.json --max-cost 1.00 --wait --download results
"""


NEW_EXAMPLES = """\
example:
  motion-preflight new dance.json --video clip.mp4 --image me.png \\
      --model kling-v2-6-motion-control --mode std --orientation image
  motion-preflight check dance.json

Paths are written relative to the file. Nothing is overwritten.
"""


SUBMIT_EXAMPLES = """\
examples:
  motion-preflight submit request.json --dry-run      what would be sent
  motion-preflight submit request.json --wait --download results
  motion-preflight submit *.json --yes --max-cost 5   in a script, with a budget

The API key is read from APIMART_API_KEY, or from the file that
APIMART_API_KEY_FILE names. A local picture is uploaded; a video must be a link.

"""


FIX_EXAMPLES = """\
examples:
  motion-preflight fix clip.mov                       writes clip-for-image.mp4
  motion-preflight fix clip.mp4 --for video --start 12.5 --seconds 20
  motion-preflight fix me.heic                        writes me-for-image.jpg
  motion-preflight fix request.json                   and request-fixed.json

The source is never touched and nothing is overwritten. The new file is measured
and decoded whole before it gets its name.

"""


PUBLISH_EXAMPLES = """\
examples:
  motion-preflight publish clip.mp4 --to s3://my-bucket/clips
  motion-preflight publish clip.mp4 me.png --to rclone:drive:clips --expires 7d
  motion-preflight unpublish --finished

Only what passes the check is published (fix makes it fit). The link is fetched
without credentials, as the provider would, before it is shown. Credentials and
endpoint are those of the store's own tools: AWS_ENDPOINT_URL, ~/.aws and so on.

"""


UNPUBLISH_EXAMPLES = """\
examples:
  motion-preflight tasks                              ends with what still lies there
  motion-preflight unpublish https://example.com/0a1b2c.mp4
  motion-preflight unpublish --older-than 7

"""


TASKS_EXAMPLES = """\
examples:
  motion-preflight tasks                           what was sent, newest first
  motion-preflight tasks --state failed --limit 5  the options of `list`
  motion-preflight tasks wait --download results   wait for all that is running
  motion-preflight tasks wait --unfetched --download results
  motion-preflight tasks resolve INTENT --task ID  settle an unknown outcome
  motion-preflight tasks forget --older-than 90

"""


SANDBOX_EXAMPLES = """\
examples:
  motion-preflight sandbox                            what to copy is printed
  motion-preflight sandbox --fault 'cut-after*1'      the next answer gets lost
  motion-preflight sandbox --media clips --port 8765  your clips, at one address

"""
