"""What a studio elsewhere answers."""

import pytest
import requests

from nst.remote_studio import Trouble, _refuse


def test_an_answer_that_is_not_a_studios_is_told() -> None:
    answer = requests.Response()
    answer.status_code = 404
    answer._content = b"<html>"
    with pytest.raises(Trouble, match="no studio"):
        _refuse(answer)
