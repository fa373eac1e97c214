"""`python -m nst worker`, soon to be missed and soon to take over: python -m jobs.hasty_worker [PACE]

With a pace, the seconds of a step, its engine and its networks are fakes.
"""

import sys

from jobs.fake_engine import FakeEngine
from jobs.fake_networks import FakeNetworks
from nst import logs
from nst.jobs import forms
from nst.jobs.instant import networks
from nst.jobs.painters import painting, worker
from nst.jobs.records import leases
from nst.settings import settings
from nst.video.painters import painter

leases.BEAT_SECONDS, leases.LEASE_SECONDS = 0.5, 6.0
painting.CHECKPOINT_SECONDS = 0.2


if __name__ == "__main__":
    logs.configure(settings())
    load, load_networks = worker.tensorflow_engine, networks.tensorflow_networks
    if sys.argv[1:]:
        load, load_networks = FakeEngine(pace=float(sys.argv[1])).load, FakeNetworks().load
    sys.exit(forms.paint(settings(), load, painter, load_networks))
