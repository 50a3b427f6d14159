"""The one way in which a verb says no."""


class Refused(Exception):
    """Nothing was written. ``str(error)`` is one sentence saying what to do; ``code`` is for programs.

    ``job_id`` names the live job that stands in the way, where there is one.
    """

    def __init__(self, code: str, sentence: str, *, job_id: str | None = None) -> None:
        super().__init__(sentence)
        self.code = code
        self.job_id = job_id
