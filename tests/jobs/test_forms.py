from pathlib import Path

import pytest
from pydantic import SecretStr
from servers import free_port

from jobs.fake_engine import FakeEngine
from nst.errors import Refusal
from nst.jobs import forms
from nst.jobs.forms import choose, paint
from nst.jobs.painters.sole_worker import SoleWorker
from nst.settings import Settings
from nst.video.painters import painter


def refused(act: object, **settings: object) -> Refusal:
    with pytest.raises(Refusal) as caught:
        act(Settings(**settings), FakeEngine().load, painter)
    return caught.value


def test_by_default_everything_is_in_one_process(tmp_path: Path) -> None:
    chosen = choose(Settings(data_dir=tmp_path), FakeEngine().load, painter)
    assert isinstance(chosen.worker, SoleWorker)
    chosen.store.close()


@pytest.mark.parametrize("act", [choose, paint])
def test_what_a_scaled_studio_lacks_is_named(act: object) -> None:
    nowhere = f"redis://127.0.0.1:{free_port()}/0"
    assert refused(act, mode="scaled").field == "NST_REDIS_URL"
    lacking = refused(act, mode="scaled", redis_url=SecretStr(nowhere))
    assert (lacking.code, lacking.field) == ("bad_setting", "NST_DATABASE_URL")
    gone = SecretStr(f"postgresql://studio:secret@127.0.0.1:{free_port()}/studio")
    unusable = refused(act, mode="scaled", redis_url=SecretStr(nowhere), database_url=gone)
    assert (unusable.code, unusable.field) == ("database_unusable", "NST_DATABASE_URL")
    assert "secret" not in unusable.message


def test_packages_that_are_missing_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(forms, "find_spec", lambda name: None if name == "celery" else object())
    assert "(celery)" in refused(choose, mode="scaled").message


def test_a_worker_has_nothing_to_do_where_all_is_in_one_process() -> None:
    assert refused(paint).field == "NST_MODE"
