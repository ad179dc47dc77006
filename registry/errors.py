"""The one family of errors.

RegistryError
├── InputError          what was given is wrong; nothing was written                       exit 65
├── RejectedError       the chain refused, or a difference was found                       exit 1
├── RetryableError      the same call may succeed later                                    exit 75
│   └── Unavailable     node or database is not there                                      exit 69
│       └── Rebuilding  the mirror is being made anew, and has not caught up yet           exit 69
└── HaltError           wrong chain, other database, unknown event, reorganisation past
                        finality: going on would make it worse                             exit 78

Caught in three places only: the sync loop, the oracle cycle, and where an error is shown (CLI, API).
"""

from __future__ import annotations

from collections.abc import Mapping


class RegistryError(Exception):
    """Base of every error that this project raises on purpose."""

    exit_code = 1
    code = "error"

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class InputError(RegistryError):
    """Bad input. Names the object it is in, the field, the value and the rule."""

    exit_code = 65

    def __init__(self, message: str, *, code: str, object: str = "", field: str = "", value: object = "") -> None:
        super().__init__(message)
        self.code = code
        self.object = object
        self.field = field
        self.value = value if isinstance(value, str) else str(value)

    def as_dict(self) -> dict[str, str]:
        """The shape that scripts read: code, object, field, value, message."""
        return {
            "code": self.code,
            "object": self.object,
            "field": self.field,
            "value": self.value,
            "message": self.message,
        }


class RejectedError(RegistryError):
    """The chain refused. `code` is the contract's error name, `values` its arguments."""

    exit_code = 1

    def __init__(self, message: str, *, code: str, values: Mapping[str, object] | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.values = dict(values or {})


class RetryableError(RegistryError):
    """Trying again later may help: node behind, range too wide, another process at work."""

    exit_code = 75
    code = "try_again"


class Unavailable(RetryableError):
    """Node or database is not there."""

    exit_code = 69
    code = "unavailable"


class Rebuilding(Unavailable):
    """The mirror is being made anew: what it does not have yet may exist all the same."""

    code = "rebuilding"


class HaltError(RegistryError):
    """Wrong chain or configuration, unknown event, database of another chain."""

    exit_code = 78
    code = "halt"
