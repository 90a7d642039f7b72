"""The page in a real browser: what axe-core, a keyboard, a phone, a printer and a network see.

Needs Chromium on the PATH (in Debian: ``apt install chromium``) and ``pip install '.[test]'``.
Playwright drives that Chromium; nothing is downloaded.
"""

import csv
import io
import os
import re
import shutil
from importlib.util import find_spec
from pathlib import Path

import pytest

NAMES = ("chromium", "chromium-browser", "google-chrome")
CHROMIUM = next(filter(None, map(shutil.which, NAMES)), None)
pytestmark = [
    pytest.mark.skipif(CHROMIUM is None, reason=f"no {', '.join(NAMES)} on the PATH"),
    pytest.mark.skipif(
        find_spec("playwright") is None or find_spec("axe_playwright_python") is None,
        reason="axe-playwright-python is not installed: pip install '.[test]'",
    ),
]

PHONE, DESKTOP = {"width": 390, "height": 844}, {"width": 1280, "height": 800}
FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync",
    "--disable-background-networking", "--disable-component-update",
    "--host-resolver-rules=MAP * ~NOTFOUND",
]  # fmt: skip
OPEN_ALL = "all => all.forEach(one => { one.open = true })"
BREADTH = "document.documentElement.scrollWidth"
CUT_LABELS = """[...document.querySelectorAll('svg.drawing')].flatMap(svg => {
  const frame = svg.getBoundingClientRect();
  return [...svg.querySelectorAll('text')].filter(text => {
    const box = text.getBoundingClientRect();
    return box.width && (box.left < frame.left - 2 || box.right > frame.right + 2);
  }).map(text => text.textContent);
})"""
SPREADSHEET = re.compile(r"[=+\-@\t\r]")


@pytest.fixture(scope="module")
def browser():
    from playwright.sync_api import sync_playwright

    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def opened(browser, written):
    """Open a page in a context of its own; what it asks for and complains of is kept."""
    contexts = []

    def open_page(name, **settings):
        context = browser.new_context(viewport=DESKTOP, **settings)
        contexts.append(context)
        page = context.new_page()
        page.asked, page.said = [], []
        page.on("request", lambda request: page.asked.append(request.url))
        page.on("console", lambda message: page.said.append(message.text))
        page.on("pageerror", lambda error: page.said.append(str(error)))
        page.goto(written(name).as_uri())
        return page

    yield open_page
    for context in contexts:
        context.close()


def open_all(page):
    page.locator("details").evaluate_all(OPEN_ALL)


def axe_violations(page):
    origin = Path(find_spec("axe_playwright_python").origin)
    page.evaluate(origin.with_name("axe.min.js").read_text(encoding="utf-8"))
    found = page.evaluate("axe.run({resultTypes: ['violations']})")["violations"]
    return [(one["id"], one["nodes"][0]["html"][:200], len(one["nodes"])) for one in found]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_axe_finds_no_violation(opened, scheme, size):
    page = opened("internal", color_scheme=scheme, bypass_csp=True)  # axe itself is let in
    page.set_viewport_size(size)
    open_all(page)
    assert axe_violations(page) == []


def test_axe_would_find_what_is_wrong(opened):
    page = opened("published", bypass_csp=True)
    page.evaluate("document.documentElement.removeAttribute('lang')")
    page.evaluate("document.querySelector('.lead').style.color = '#eee'")
    assert {"html-has-lang", "color-contrast"} <= {name for name, *_ in axe_violations(page)}


@pytest.mark.parametrize("name", ["internal", "published", "hostile"])
def test_nothing_is_wider_than_the_screen(opened, name):
    page = opened(name, bypass_csp=True)
    open_all(page)
    for size in (PHONE, DESKTOP):
        page.set_viewport_size(size)
        assert page.evaluate(BREADTH) == size["width"]
        assert page.evaluate(CUT_LABELS) == []


def test_page_one_fits_one_screen(opened):
    page = opened("published", bypass_csp=True)
    bottom = page.locator("#summary .standing").bounding_box()
    assert bottom["y"] + bottom["height"] <= DESKTOP["height"]


def test_no_request_leaves_the_page_and_its_policy_blocks_nothing_of_its_own(opened, written):
    page = opened("internal")
    page.wait_for_load_state("networkidle")
    assert page.asked == [written("internal").as_uri()]
    assert page.said == []


def test_the_policy_stops_a_script_and_a_request_that_got_in(opened, written, tmp_path):
    source = written("published").read_text(encoding="utf-8")
    smuggled = "<script>document.title = 'ran'</script><img src='https://example.org/a.png'>"
    (tmp_path / "bad.html").write_text(source.replace("</main>", f"{smuggled}</main>"))
    page = opened("published")
    page.goto((tmp_path / "bad.html").as_uri())
    page.wait_for_load_state("networkidle")
    assert page.title().startswith("Fairness report")
    blocked = [text for text in page.said if "Content Security Policy" in text]
    assert len(blocked) == 2
    assert not any("NAME_NOT_RESOLVED" in text for text in page.said)


def test_hostile_names_run_nothing(opened):
    page = opened("hostile")
    assert page.title().startswith("Fairness report")
    assert not [text for text in page.said if "Content Security Policy" in text]


def test_a_table_sorts_by_the_keyboard_and_says_so(opened):
    page = opened("internal")
    page.locator("#part-4").scroll_into_view_if_needed()
    table = page.locator("#part-4 table").first
    head = table.locator("thead th").nth(4)
    head.locator("button").focus()
    for order, sign in (("ascending", 1), ("descending", -1)):
        page.keyboard.press("Enter" if sign == 1 else "Space")
        assert head.get_attribute("aria-sort") == order
        shares = [
            float(cell.get_attribute("data-v"))
            for cell in table.locator("tbody td:nth-child(5)").all()
        ]
        assert shares == sorted(shares, reverse=sign == -1) and len(set(shares)) > 1
    assert page.locator("#status").text_content().startswith("Sorted by Share")


def test_what_is_withheld_comes_last_whichever_way_a_table_sorts(opened):
    page = opened("internal")
    page.locator("#part-8 details").first.locator("summary").click()
    table = page.locator("#part-8 details").first.locator("table").nth(2)
    head = table.locator("thead th").nth(2).locator("button")
    for _ in range(2):
        head.click()
        texts = table.locator("tbody td:nth-child(3) .main").all_text_contents()
        plain = [text for text in texts if text != "Insufficient evidence"]
        assert texts[: len(plain)] == plain and len(plain) < len(texts)


def rows_of(page, table):
    """Read a table as a person would: the figure, and what stands beneath it."""
    return [
        [
            (
                cell.locator(".main").text_content().strip(),
                cell.get_attribute("data-v"),
                " · ".join(cell.locator("small span").all_text_contents()),
            )
            for cell in row.locator("th, td").all()
        ]
        for row in table.locator("tbody tr").all()
    ]


@pytest.mark.parametrize(
    ("name", "holding"), [("internal", " of 100"), ("published", "withheld"), ("hostile", "=1+1")]
)
def test_a_download_holds_what_the_table_shows(opened, name, holding):
    page = opened(name, accept_downloads=True)
    open_all(page)
    texts = page.locator("table").all_text_contents()
    place = next(i for i, text in enumerate(texts) if holding in text)
    table = page.locator("table").nth(place)
    with page.expect_download() as waited:
        page.locator(".download").nth(place).click()
    raw = Path(waited.value.path()).read_bytes()
    assert raw.startswith(b"\xef\xbb\xbf")  # so that a spreadsheet reads it as UTF-8
    heads, *lines = csv.reader(io.StringIO(raw.decode("utf-8-sig")))
    shown = rows_of(page, table)
    assert len(lines) == len(shown)
    for line, row in zip(lines, shown, strict=True):
        expected = expected_line(row, shown)
        assert read_as(line, expected) == expected and len(line) == len(heads)
    assert waited.value.suggested_filename.endswith(".csv")


def expected_line(row, rows):
    line = []
    for place, (text, value, under) in enumerate(row):
        line.append(quoted(text) if value is None else float(value))
        if any(other[place][2] for other in rows):
            line.append(quoted(under))
    return line


def read_as(line, expected):
    """Return the fields of a line, those that should be numbers as numbers."""
    pairs = zip(line, expected, strict=True)
    return [float(text) if isinstance(like, float) else text for text, like in pairs]


def quoted(text):
    return f"'{text}" if SPREADSHEET.match(text) else text


def test_the_page_reads_whole_without_its_script(opened):
    page = opened("internal", java_script_enabled=False)
    assert page.locator("button").count() == 0
    assert page.locator("table").count() > 20
    assert page.locator("section.part").count() == 14
    assert page.locator("#part-8 details summary").first.is_visible()


def test_keys_reach_the_summary_first_and_every_control_shows_where_it_is(opened):
    page = opened("internal")
    page.keyboard.press("Tab")
    skip = page.locator(".skip")
    assert skip.evaluate("one => one === document.activeElement")
    assert skip.bounding_box()["x"] >= 0
    page.keyboard.press("Enter")
    assert page.url.endswith("#summary")
    for _ in range(20):
        page.keyboard.press("Tab")
        style = page.locator(":focus").evaluate("one => getComputedStyle(one).outlineStyle")
        assert style != "none"


@pytest.mark.parametrize("name", ["internal", "published"])
def test_it_prints_whole_on_several_sheets(opened, name):
    page = opened(name)
    pdf = page.pdf(format="A4")
    assert pdf.startswith(b"%PDF")
    sheets = len(re.findall(rb"/Type\s*/Page\b", pdf))
    assert sheets > 5
    page.emulate_media(media="print")
    folded = page.locator("#part-8 details table").first
    assert folded.bounding_box()["height"] > 0


def test_screens_can_be_looked_at(opened, tmp_path):
    """Keeps pictures where RISKMODEL_SCREENSHOTS names a folder: a person has to look at them."""
    folder = Path(os.environ.get("RISKMODEL_SCREENSHOTS", tmp_path))
    for scheme in ("light", "dark"):
        for what, size in (("phone", PHONE), ("desktop", DESKTOP)):
            page = opened("published", color_scheme=scheme)
            page.set_viewport_size(size)
            picture = page.screenshot(path=folder / f"{what}-{scheme}.png")
            assert picture.startswith(b"\x89PNG") and len(picture) > 10_000
            paper = page.locator("body").evaluate("one => getComputedStyle(one).backgroundColor")
            darkest = max(map(int, re.findall(r"\d+", paper)[:3]))
            assert (darkest < 64) == (scheme == "dark")
