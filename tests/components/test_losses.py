import json

from components import ids, losses
from components.changes import Told
from components.reading import LOSSES, Reading
from nst.jobs.models import Change


def test_one_curve_a_loss_on_a_logarithmic_scale(log):
    figure = losses.figure(Reading("j1").advanced(log(1, 2)).points)
    assert [trace["name"] for trace in figure["data"]] == ["Total", "Content", "Style", "Smoothness"]
    assert figure["layout"]["yaxis"]["type"] == "log"
    assert figure["data"][0]["x"] == [1, 2]
    assert figure["data"][0]["y"] == [3.0, 1.5]


def test_a_loss_of_zero_is_a_gap(log):
    figure = losses.figure(Reading("j1").advanced(log(1)).points)
    assert figure["data"][LOSSES.index("tv")]["y"] == [None]


def test_points_to_append_have_a_row_for_each_curve(log):
    sent = json.loads(losses.points(Reading("j1").advanced(log(4, 5)).points))
    assert sent["x"] == [4, 5]
    assert [len(row) for row in sent["y"]] == [2] * len(LOSSES)


def test_plotly_is_not_loaded_before_there_is_something_to_draw(page, log):
    assert losses.graph(()) == []
    assert '"type":"Graph"' not in page.client.get("/_dash-layout").text
    (graph,) = losses.graph(Reading("j1").advanced(log(1)).points)
    assert graph.id == ids.LOSSES_GRAPH


def test_every_change_is_a_line_in_the_chart_and_a_sentence_below(job):
    made = [
        Change(after=5, options={"style_weight": 2.0}),
        Change(after=9, options={"tv_weight": 0.0}),
    ]
    sent = losses.changed(job(step=20, changes=made))[ids.LOSSES_MARKS]["data"]
    assert [(shape["x0"], shape["x1"]) for shape in sent["shapes"]] == [(5, 5), (9, 9)]
    assert [flag["text"] for flag in sent["annotations"]] == ["1", "2"]
    assert sent["told"] == ["Step 5: Style weight 1 → 2", "Step 9: Smoothness 1 → off"]
    assert [flag["hovertext"] for flag in sent["annotations"]] == sent["told"]


def test_a_chart_that_is_drawn_anew_has_the_marks(log):
    (graph,) = losses.graph(Reading("j1").advanced(log(1, 2)).points, [Told(1, "Epochs 2 → 3")])
    assert [shape["x0"] for shape in graph.figure["layout"]["shapes"]] == [1]
