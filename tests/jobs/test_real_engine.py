"""One job through the studio with nothing faked: sample pictures, the worker's thread, TensorFlow, VGG19."""

import time

from nst import images
from nst.jobs.models import JobSpec, StyleRef
from nst.jobs.studio import Studio
from nst.options import Options
from nst.settings import settings


def test_a_sample_is_painted(vgg19_file):
    studio = Studio(settings())
    studio.start()
    try:
        photo, style = (studio.add_sample("ada", name).id for name in ("coffee", "wave"))
        spec = JobSpec(content=photo, styles=[StyleRef(image=style)], options=Options(size=96, steps=10))
        job = studio.submit("ada", spec)
        deadline = time.monotonic() + 120
        while not studio.job("ada", job.id).is_finished and time.monotonic() < deadline:
            time.sleep(0.05)
        job = studio.job("ada", job.id)
        assert (job.state, job.step, job.error) == ("done", 10, None)
        result = studio.result_file("ada", job.id).read_bytes()
        assert max(images.decode(result).pixels.shape) == 96
        assert images.read_settings(result)["options"]["size"] == 96
        kinds = [event.kind for event in studio.events("ada", job.id)]
        assert kinds.count("step") == 10
        assert "preview" in kinds
        assert "result" in kinds
    finally:
        studio.close()
