"""The exceptions of the library, for a job that cannot be done. A broken rule is a finding instead.

PreflightError                    every exception that leaves this library
├─ RequestInvalid                 a MotionControlRequest was made with wrong fields (a ValueError)
├─ ReportInvalid                  what is read as a report is none (a ValueError)
├─ ProfileInvalid                 a profile has a mistake; the message says where
├─ ManifestInvalid                a file of requests cannot be read as such
├─ SettingsInvalid                config.toml or an environment variable has a mistake
├─ SourceError                    the bytes of a medium could not be read
│  ├─ SourceUnreachable           … nothing usable arrived (also a ConnectionError)
│  └─ SourceTimeout               … it took too long (also a TimeoutError)
├─ ProbeError                     the facts of a medium could not be read
│  ├─ FfprobeMissing              … there is no ffprobe (also a FileNotFoundError)
│  ├─ FfmpegMissing               … there is no ffmpeg (also a FileNotFoundError)
│  ├─ FfmpegFailed                … ffmpeg could not read the file, or crashed on it
│  └─ FfprobeFailed               … ffprobe could not read the file, or crashed on it
├─ LedgerUnusable                 the record of what was sent cannot be read or written
├─ PublishError                   a file was not published, or not taken away again
│  ├─ DestinationInvalid          … a destination is none of those that are offered
│  ├─ CredentialsMissing          … there are none for the store, or they have ended
│  ├─ StoreProgramMissing         … what reaches the store is not installed (a FileNotFoundError)
│  ├─ LinkNotProved               … its link does not give the file without credentials
│  └─ StoreError                  … the store did not do what it was asked for
│     ├─ StoreRefused             … it answered, and refused
│     └─ StoreUnreachable         … it did not answer (also a ConnectionError)
├─ NotCleared                     a report does not allow its request to be sent; carries it
└─ SubmitError                    a cleared request did not become a finished task
   ├─ NotSent                     … nothing was sent, and why
   ├─ Rejected                    … the provider refused it
   │  ├─ RateLimited              … because of too many requests
   │  └─ InsufficientBalance      … for lack of money, or we did by the balance it reported
   ├─ OutcomeUnknown              … it was sent, and its outcome is not known
   ├─ NotResolved                 … and what was said about its outcome cannot be true
   └─ TaskFailed                  … the provider accepted it and did not finish it

Nothing of httpx, ffmpeg, sqlite3 or pydantic leaks out of the library.
"""

from __future__ import annotations


class PreflightError(Exception):
    """The base of the tree. `str()` gives one line to show to people.

    in_command  the same line in the words of the command line, where these are others: its options
                in place of arguments. `None`: they are the same
    """

    in_command: str | None = None

    def in_words_of_command(self) -> str:
        """The line that the command line shows."""
        return self.in_command or str(self)


class SettingsInvalid(PreflightError):
    """A setting cannot be used. The message names where it was set."""
