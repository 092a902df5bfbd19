"""The page as people see it: figures equal the served tables, and everybody can use it."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from conftest import ROOT

TABS = ("personas", "certainty", "exploration", "models", "data", "insights")
SCREENSHOTS = ROOT / "target" / "screenshots"


def figure(place, name):
    """The number shown for a fact, as a number."""
    shown = place.locator(f'[data-fact="{name}"] dd').first.inner_text()
    return float(shown.replace(".", "").replace(",", ".").replace("%", "").strip())


def one(built, sql):
    return built.query(sql)[0][0]


PEOPLE = """
    from gold.customer_360 join gold.customer_personas using (customer_id)
    where not is_internal
"""


def test_customers_and_money_are_those_of_the_tables(built, page):
    shown = page.locator("section.card").first
    # Sums hold the customers of personas that are too small to be shown.
    assert figure(shown, "customers") == one(built, "select count(*)" + PEOPLE)
    money = one(built, "select cast(round(sum(mrr_brl)) as bigint) as m" + PEOPLE)
    assert figure(shown, "mrr") == float(money)


def test_each_persona_has_its_customers_and_its_depth(built, page):
    counts = dict(
        built.query(
            "select persona_id, count(*)" + PEOPLE + " and persona_id is not null group by all"
        )
    )
    names = dict(built.query("select persona_id, persona_name from gold.dim_personas"))
    for persona in range(8):
        button = page.locator(f'button[data-persona="{persona}"]')
        told = button.locator(".big").inner_text().replace(".", "")
        count = counts.get(persona, 0)
        assert told == (str(count) if count >= 10 else "–")
        button.click()
        assert page.locator("h2", has_text=names[persona]).count() == 1


def test_filters_leave_the_customers_that_the_tables_say(built, page):
    for name, value, condition in (
        ("segment", "VAREJO", "segment = 'VAREJO'"),
        ("size", "Grande", "revenue_band_rank >= 8"),
        ("state", "SP", "state = 'SP'"),
    ):
        page.get_by_role("button", name="Limpar filtros").click()
        page.select_option(f'select[name="{name}"]', value)
        people = f"{PEOPLE} and {condition}"
        everybody = one(built, f"select count(*) {people}")
        assert figure(page.locator("section.card").first, "customers") == everybody
        hidden = everybody - one(
            built,
            f"select sum(n) from (select count(*) as n {people} group by coalesce(persona_id, -1))"
            " where n >= 10",
        )
        note = page.locator("#hidden").inner_text()
        assert note.startswith(f"{hidden} clientes") if hidden else note == ""
    page.select_option('select[name="segment"]', "VAREJO")
    page.select_option('select[name="size"]', "Grande")
    assert page.locator("section.card").count() >= 1


def test_findings_are_those_of_the_table(built, page):
    page.click("#tab-insights")
    by_action = page.locator("section.card").nth(1).locator("table").first.locator("tbody tr")
    wanted = "from gold.persona_insights where is_in_front"
    assert by_action.count() == one(built, f"select count(distinct action) {wanted}")
    most = one(built, f"select action_pt {wanted} group by 1 order by sum(mrr_brl) desc limit 1")
    assert most in by_action.first.inner_text()
    page.locator("section.card").nth(1).locator("summary").click()
    rows = page.locator("section.card").nth(1).locator("details tbody tr")
    assert rows.count() == one(built, "select count(*) from gold.persona_insights")
    first = one(built, "select finding_pt from gold.persona_insights where insight_rank = 1")
    assert first in rows.first.inner_text()


def test_lists_are_those_of_the_table(built, page):
    page.click("#tab-insights")
    rows = page.locator("section.card").first.locator("tbody tr")
    assert rows.count() == one(built, "select count(*) from gold.lists")
    first = rows.first.inner_text()
    assert "Em risco" in first
    assert "lists/synthetic-em-risco.xlsx" in first
    assert (built.serve / "lists/synthetic-em-risco.xlsx").is_file()


def test_versions_and_data_are_told(built, page):
    page.click("#tab-certainty")
    version = one(built, "select max(mixture_version) from gold.customer_personas")
    assert f"Modelo versão {version}" in page.locator("#panel").inner_text()
    page.click("#tab-data")
    assert "clientes_desde" in page.locator("#panel").inner_text()
    page.click("#tab-models")
    assert "hurdle mixture" in page.locator("#panel").inner_text()


def test_the_language_is_switched_everywhere(page):
    assert page.locator("html").get_attribute("lang") == "pt-BR"
    page.click("[data-language=en]")
    assert page.locator("html").get_attribute("lang") == "en"
    for tab in TABS:
        page.click(f"#tab-{tab}")
        for portuguese in ("Clientes por", "Exploração", "Ver como tabela", "Proporção"):
            assert portuguese not in page.locator("main").inner_text()
    assert page.locator("#tab-insights").inner_text() == "Insights"


def test_tabs_are_walked_by_keyboard(page):
    page.focus("#tab-personas")
    for tab in (*TABS[1:], TABS[0]):
        page.keyboard.press("ArrowRight")
        chosen = page.locator('[role="tab"][aria-selected="true"]')
        assert chosen.get_attribute("id") == f"tab-{tab}"
    page.keyboard.press("End")
    assert page.url.endswith("#insights")


@pytest.mark.parametrize("language", ["pt", "en"])
@pytest.mark.parametrize("width", [1280, 390])
def test_everybody_can_use_every_tab(page, language, width):
    """Rules of axe, and nothing wider than the screen; a picture of each is kept."""
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    page.set_viewport_size({"width": width, "height": 850})
    page.click(f"[data-language={language}]")
    for tab in TABS:
        page.click(f"#tab-{tab}")
        page.wait_for_timeout(300)
        found = Axe().run(page).response["violations"]
        assert not found, [(each["id"], each["nodes"][0]["html"]) for each in found]
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), tab
        page.screenshot(path=SCREENSHOTS / f"{tab}-{language}-{width}.png", full_page=True)


def test_it_prints_without_its_controls(page):
    page.emulate_media(media="print")
    assert not page.locator("#filters").is_visible()
    assert not page.locator("#tabs").is_visible()
    assert page.locator(".chart svg").first.is_visible()
