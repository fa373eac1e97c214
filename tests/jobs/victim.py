"""A studio with a fake engine in a process of its own, for tests that kill it in the middle of a job.

    python -m jobs.victim FOLDER [steer]

Submits one job and prints its id; then where it stands, again and again. Paints until it is killed. With
`steer` the job's first step never ends, and a change is asked for while it lasts.
"""

import sys
import time
from pathlib import Path

from jobs.conftest import ADA, spec_for
from jobs.fake_engine import FakeEngine, wait_until
from nst.jobs.painters import painting
from nst.jobs.steering import Steering
from nst.jobs.studio import Studio
from nst.settings import Settings

painting.MOST_SECONDS = 0


def main(folder: str, act: str = "") -> None:
    engine = FakeEngine(pace=0.02)
    if act == "steer":
        engine.hold()
    studio = Studio(Settings(data_dir=Path(folder)), engine.load)
    studio.start()
    job = studio.submit(ADA, spec_for(studio, steps=10_000))
    print(job.id, flush=True)
    if act == "steer":
        wait_until(lambda: engine.calls)
        studio.steer(ADA, job.id, Steering(options={"style_weight": 9.0}))
        print("steered", flush=True)
    while True:
        print(studio.job(ADA, job.id).step, flush=True)
        time.sleep(0.02)


if __name__ == "__main__":
    main(*sys.argv[1:])
