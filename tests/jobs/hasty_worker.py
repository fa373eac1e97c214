"""`python -m nst worker` with the fake engine, for tests: python -m jobs.fake_worker PACE"""

import sys

from jobs.fake_engine import FakeEngine
from jobs.fake_networks import FakeNetworks
from nst import logs
from nst.jobs import forms, leases, painting
from nst.settings import settings
from nst.video.painters import painter

leases.BEAT_SECONDS, leases.LEASE_SECONDS = 0.5, 3.0
painting.CHECKPOINT_SECONDS = 0.2


if __name__ == "__main__":
    logs.configure(settings())
    sys.exit(forms.paint(settings(), FakeEngine(pace=float(sys.argv[1])).load, painter, FakeNetworks().load))
