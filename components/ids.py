"""Every id on the page, in one place: callbacks, browser scripts and browser tests name elements by these."""

# The whole page. Its `data-state` attribute says where the shown painting stands (see `components.views`).
PAGE = "page"
URL = "url"
ANNOUNCER = "announcer"
NOTICE = "notice"
DISCONNECTED = "disconnected"
THEME_TOGGLE = "theme-toggle"
NEW_BUTTON = "new-button"

# What the page remembers.
CLIENT_TOKEN = "client-token"
JOB = "job-id"
OPENED = "opened-path"
LAST = "last-painting"
CONTENT = "content-picture"
STYLES = "style-pictures"
MASK = "mask-picture"

# Where the intake script puts what was dropped, pasted or chosen.
CONTENT_INTAKE = "content-intake"
STYLE_INTAKE = "style-intake"
STYLE_ADD_INTAKE = "style-add-intake"
MASK_INTAKE = "mask-intake"
MASK_PAINTED = "mask-painted"

# The two picture cards.
CONTENT_CARD = "content-card"
STYLE_CARD = "style-card"
CONTENT_VIEW = "content-view"
STYLE_VIEW = "style-view"
CONTENT_NOTES = "content-notes"
STYLE_NOTES = "style-notes"
CONTENT_REMOVE = "content-remove"
STYLE_ADD = "style-add"
STYLE_BLEND = "style-blend"

# The mask.
MASK_CARD = "mask-card"
MASK_VIEW = "mask-view"
MASK_NOTES = "mask-notes"
MASK_PAINT = "mask-paint-button"
MASK_REMOVE = "mask-remove"
MASK_MODAL = "mask-modal"
MASK_OPENED = "mask-opened"
MASK_FOLD = "mask-fold"
MASK_IN_USE = "mask-in-use"
MASK_REMOVE_HERE = "mask-remove-here"

# Regions with styles of their own, and the parts of paintings that are copied.
REGIONS = "regions"
REGIONS_FOLD = "regions-fold"
REGIONS_SUMMARY = "regions-summary"
REGIONS_MAP = "regions-map"
REGIONS_LIST = "regions-list"
REGIONS_NOTES = "regions-notes"
REGIONS_IN_USE = "regions-in-use"
REGIONS_COUNT = "regions-count"
REGIONS_REMOVE = "regions-remove"
REGION_ADD = "region-add"
REGION_SUGGESTIONS = "region-suggestions"
REGION_PROPOSALS = "region-proposals"
REGION_MODAL = "region-modal"
REGION_OPENED = "region-opened"
REGION_PAINTED = "region-painted"
GUIDES = "guides"
GUIDES_PLACE = "guides-place"
GUIDE_MODAL = "guide-modal"
GUIDE_OPENED = "guide-opened"
GUIDE_PAINTED = "guide-painted"
PARTS_CHANGED = "parts-changed"

# How the painting under way is set; assets/following.js knows the controls by it.
FOLLOWED = "followed-settings"
PARTS_FOLLOWED = "parts-followed"

# The gallery. There are at most as many examples as names here.
EXAMPLES = ("example-button", "example-button-2", "example-button-3")
GALLERY = "gallery"

# Controls.
PRESETS = "presets"
ADVANCED = "advanced"
EXPECTED = "expected-time"
TIMES_ASKED = "times-asked"
TIMES = "times"

# The run.
START = "start-button"
STOP = "stop-button"
START_REASON = "start-reason"
STOP_REASON = "stop-reason"
OBSTACLE = "start-obstacle"
AWAITED = "start-awaited"
ARRIVING = "pictures-arriving"
UPLOADING = "pictures-uploading"
PAUSE = "pause-button"
PAUSE_OBSTACLE = "pause-obstacle"

# Going on with a finished painting.
MORE = "more-button"
LARGER = "larger-button"
ONWARD = "onward"
ONWARD_OBSTACLES = "onward-obstacles"
ONWARD_REASON = "onward-reason"

# Steering: the hand, the answer, and what is said of it.
STEERED = "steered"
STEER_AWAITED = "steer-awaited"
STEER_ANSWER = "steer-answer"
STEER_HINT = "steer-hint"
STEER_NOTE = "steer-note"

# The canvas and its label.
CANVAS = "canvas"
PICTURE = "live-picture"
BEFORE = "before-picture"
COMPARE = "compare-slider"
STATUS = "status-line"
DETAIL = "status-detail"
PROGRESS = "progress-bar"
OVER = "over-picture"

# What it would look like; assets/preview.js knows these names.
PREVIEW = "preview-asked"
PREVIEW_PICTURE = "preview-picture"
PREVIEW_WORDS = "preview-words"

# The photograph in many styles; assets/sheet.js knows these names.
SHEET = "sheet"
SHEET_NOTE = "sheet-note"
SHEET_VIEW = "sheet-view"
SHEET_PHOTO = "sheet-photo"

# What to do with the painting.
RESULT = "shown-result"
STRENGTH = "strength-slider"
STRENGTH_READOUT = "strength-readout"
DOWNLOAD = "download-link"
DOWNLOAD_NAME = "download-name"
DOWNLOAD_FORMAT = "download-format"
FILMSTRIP = "film-strip"
TIMELAPSE = "timelapse-link"

# Loss curves.
LOSSES_PLACE = "losses-place"
LOSSES_GRAPH = "losses-graph"
LOSSES_POINTS = "losses-points"
LOSSES_MARKS = "losses-marks"
LOSSES_CHANGES = "losses-changes"
LOSSES_AT_REST = "losses-at-rest"
LOSSES_WARM_UP = "losses-warm-up"

# History.
HISTORY = "history-list"
HISTORY_STAMP = "history-stamp"
HISTORY_ELSEWHERE = "history-elsewhere"
HISTORY_OLDER = "history-older"
HISTORY_SHOWN = "history-shown"

HISTORY_PAIR = "history-pair"
HISTORY_PAIR_LINK = "history-pair-link"
RESTORED = "restored-note"
RESTORING = "restored-settings"
DROPPED = "dropped-anywhere"
RECENT = "recent-uploads"
RECENT_PHOTOS = "recent-photos"
RECENT_STYLES = "recent-styles"

# Two side by side, and paintings asked for together.
COMPARISON = "comparison"
GROUP = "group"
GROUP_SHOWN = "group-shown"
GROUP_CLOCK = "group-clock"
GROUP_PROGRESS = "group-progress"
GROUP_ZIP = "group-zip"
VARIATIONS = "variations"
VARY_ROWS = "vary-rows"
VARY_COLUMNS = "vary-columns"
VARY_ROW_VALUES = "vary-row-values"
VARY_COLUMN_VALUES = "vary-column-values"
VARY_START = "vary-start"
VARY_NOTE = "vary-note"
BATCH = "batch"
BATCH_INTAKE = "batch-intake"
BATCH_CARD = "batch-card"
BATCH_PHOTOS = "batch-photos"
BATCH_VIEW = "batch-view"
BATCH_START = "batch-start"
BATCH_NOTE = "batch-note"

# A video; assets/video.js knows these names.
VIDEO = "video"
VIDEO_CARD = "video-card"
VIDEO_QUALITY = "video-quality"
VIDEO_START = "video-start"
VIDEO_NOTE = "video-note"
VIDEO_RUN = "video-run"
VIDEO_STATUS = "video-status"
VIDEO_PROGRESS = "video-progress"
VIDEO_PAUSE = "video-pause"
VIDEO_STOP = "video-stop"
VIDEO_PREVIEW = "video-preview"
VIDEO_RESULT = "video-result"
VIDEO_DOWNLOAD = "video-download"

# Tokens for programs; assets/programs.js knows these names.
PROGRAMS = "programs"
PROGRAMS_OPEN = "programs-open"
TOKENS = "token-list"
TOKEN_NAME = "token-name"
TOKEN_MAKE = "token-make"
TOKEN_NOTE = "token-note"
TOKEN_SILENT = "token-silent"
TOKEN_MADE = "token-made"
TOKEN_TOLD = "token-told"
TOKEN_SHOWN = "token-shown"
TOKEN_TEXT = "token-text"
TOKEN_LINE = "token-line"
TOKEN_COPIED = "token-copied"

# The feed.
FEED_NAME = "feed-name"
FEED_BEAT = "feed-beat"
FEED_CLOCK = "feed-clock"
FEED_POLL = "feed-poll"
FEED_CURSOR = "feed-cursor"


def option(name: str) -> str:
    """The control of one option of `nst.options.Options`."""
    return f"option-{name.replace('_', '-')}"


def option_readout(name: str) -> str:
    """The number written beside an option's slider."""
    return f"{option(name)}-readout"


def option_frame(name: str) -> str:
    """What holds an option's label, control and help together."""
    return f"{option(name)}-frame"


def dialog_title(dialog: str) -> str:
    """The heading that names a dialog."""
    return f"title-{dialog}"


def preset(name: str) -> str:
    return f"preset-{name}"


def preset_time(name: str) -> str:
    """How long a painting of this preset takes, written under its name."""
    return f"{preset(name)}-time"


def sample(kind: str, name: str) -> dict[str, str]:
    """A picture of the gallery; `kind` is "photo" or "style"."""
    return {"type": f"sample-{kind}", "name": name}


def sample_add(name: str) -> dict[str, str]:
    """The button that blends a painting of the gallery in."""
    return {"type": "sample-add", "name": name}


def style_weight(place: int) -> dict[str, object]:
    """The blend slider of the style picture at this place."""
    return {"type": "style-weight", "place": place}


def style_remove(place: int) -> dict[str, object]:
    return {"type": "style-remove", "place": place}


def region_edit(region: str) -> dict[str, str]:
    return {"type": "region-edit", "region": region}


def region_up(region: str) -> dict[str, str]:
    return {"type": "region-up", "region": region}


def region_down(region: str) -> dict[str, str]:
    return {"type": "region-down", "region": region}


def region_remove(region: str) -> dict[str, str]:
    return {"type": "region-remove", "region": region}


def region_paints(region: str) -> dict[str, str]:
    """What a region takes: one of the paintings, or the photograph."""
    return {"type": "region-paints", "region": region}


def guide_paint(place: int) -> dict[str, object]:
    return {"type": "guide-paint", "place": place}


def guide_remove(place: int) -> dict[str, object]:
    return {"type": "guide-remove", "place": place}


def history_remove(job: str) -> dict[str, str]:
    return {"type": "history-remove", "job": job}


def history_again(job: str) -> dict[str, str]:
    """The button that puts a painting's pictures and options back into the panels."""
    return {"type": "history-again", "job": job}


def history_entry(name: str) -> str:
    """Of a painting, or of a group of them."""
    return f"history-{name}"


def group_place(job: str) -> str:
    """Where one of a group's paintings hangs."""
    return f"group-place-{job}"


def group_picture(job: str) -> str:
    return f"group-picture-{job}"


def group_status(job: str) -> str:
    return f"group-status-{job}"


def group_remove(group: str) -> dict[str, str]:
    return {"type": "group-remove", "group": group}


def cell(job: str) -> dict[str, str]:
    """The button of one of a grid's paintings."""
    return {"type": "cell", "job": job}


def batch_remove(image: str) -> dict[str, str]:
    return {"type": "batch-remove", "image": image}


def recent(kind: str, image: str) -> dict[str, str]:
    """A picture that was uploaded before; `kind` is "photo" or "style"."""
    return {"type": f"recent-{kind}", "image": image}


def token_revoke(token: str) -> dict[str, str]:
    return {"type": "token-revoke", "token": token}


def group_stop(group: str) -> dict[str, str]:
    return {"type": "group-stop", "group": group}
