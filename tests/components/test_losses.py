from components import ids, losses
from components.reading import LOSSES, Reading


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
    sent = losses.points("j1", Reading("j1").advanced(log(4, 5)).points)
    assert sent["x"] == [4, 5]
    assert [len(row) for row in sent["y"]] == [2] * len(LOSSES)


def test_plotly_is_not_loaded_before_there_is_something_to_draw(page, log):
    assert losses.graph(()) == []
    assert '"type":"Graph"' not in page.client.get("/_dash-layout").text
    (graph,) = losses.graph(Reading("j1").advanced(log(1)).points)
    assert graph.id == ids.LOSSES_GRAPH
