"""Where things lie beside a video under way."""


def work_folder(name: str) -> str:
    """The folder beside a video of this name that holds what is finished of it."""
    return f".{name}.work"
