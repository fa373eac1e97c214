"""The one error that carries words for a person, and the one that is none."""


class Refusal(Exception):
    """Something asked for cannot be done, and the person who asked can be told why.

    Every door (command line, API, page) turns a refusal into its own form: one line on stderr, a JSON
    error, a note on the page. `code` is a stable name for programs, `message` a sentence that says what
    happened and what to do, `field` the option or file that it is about, if one is.
    """

    def __init__(self, code: str, message: str, field: str | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.field = field


class Interrupted(Exception):
    """What was under way was given up, as somebody asked; it may be begun anew."""
