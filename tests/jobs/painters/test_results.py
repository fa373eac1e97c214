"""The result picture, and what it says of how it was made."""

from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from nst.images import read_settings
from nst.jobs.filing.files import Folder, job_key
from nst.jobs.ids import new_id
from nst.jobs.models import Job, JobSpec, StyleRef
from nst.jobs.painters.results import write_result
from nst.jobs.steering import MOST_CHANGES, MOST_REGIONS, MOST_STYLES, Change, LiveOptions, Region
from nst.options import Options

LONG = 1.2345678901234567e-300


def test_all_changes_that_a_run_may_have_are_read_back(tmp_path: Path) -> None:
    image = new_id()
    options = dict.fromkeys(("style_weight", "content_weight", "tv_weight"), LONG)
    change = Change(
        after=9000,
        options=LiveOptions(
            **options, style_scale=1.2345678901234567, preserve_color="statistics", steps=9999
        ),
        weights=[LONG] * MOST_STYLES,
        mask=image,
        regions=[Region(mask=image, style=0)] * MOST_REGIONS,
        guides=[image] * MOST_STYLES,
    )
    job = Job(
        id=new_id(),
        owner=new_id(),
        spec=JobSpec(
            content=image, styles=[StyleRef(image=image)] * MOST_STYLES, options=Options(steps=9999)
        ),
        state="running",
        steps=9999,
        created=datetime.now(UTC),
        changes=[change] * MOST_CHANGES,
    )
    files = Folder(tmp_path)
    write_result(files, job, np.zeros((8, 8, 3), np.uint8), 9999)
    found = read_settings(files.read(job_key(job.id, "result.png")))
    assert len(found["changes"]) == MOST_CHANGES
