"""A studio with a fake engine in a process of its own, for tests that kill it in the middle of a job.

    python -m jobs.victim FOLDER

Submits one job and prints its id; then a line whenever the log has grown. Paints until it is killed.
"""

import sys
import time
from pathlib import Path

from jobs.conftest import ADA, spec_for
from jobs.fake_engine import FakeEngine
from nst.jobs import painting
from nst.jobs.studio import Studio
from nst.settings import Settings

painting.CHECKPOINT_SECONDS = 0


def main(folder: str) -> None:
    studio = Studio(Settings(data_dir=Path(folder)), FakeEngine(pace=0.02).load)
    studio.start()
    job = studio.submit(ADA, spec_for(studio, steps=10_000))
    print(job.id, flush=True)
    while True:
        print(studio.job(ADA, job.id).step, flush=True)
        time.sleep(0.02)


if __name__ == "__main__":
    main(sys.argv[1])
