from components import ids, picture_views

CAT = {"id": "a", "width": 40, "height": 30, "url": "/a", "thumbnail": "/a/thumbnail.jpg", "share": 50}


def test_blend_sliders_appear_with_the_second_style_and_adding_ends_with_the_fourth():
    def shown(count: int) -> tuple[int, bool]:
        found = picture_views.blend_view([{**CAT, "id": name} for name in "abcd"[:count]])
        return sum(part.className == "blend-row" for part in found), any(
            getattr(part, "id", None) == ids.STYLE_ADD for part in found
        )

    assert [shown(count) for count in range(5)] == [
        (0, False), (0, True), (2, True), (3, True), (4, False)
    ]  # fmt: skip


def test_an_empty_card_says_what_to_do():
    assert "Drop a photograph" in str(picture_views.content_view(None))
    assert "Drop a painting" in str(picture_views.style_view([]))
    assert "Paint many photographs" in str(picture_views.content_card())  # where more than one would go


def test_a_filled_card_describes_its_picture():
    assert picture_views.content_view(CAT).alt == "Your photograph, 40 by 30 pixels"
