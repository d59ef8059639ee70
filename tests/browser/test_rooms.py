"""A destruction one person wants alone is refused; two persons' is watched live. Keys, photos, and every new page."""

import pytest
from PIL import Image

# Other journeys take the first rows of the list; each screen takes a parcel of its own.
ROWS = {(1280, "zh-CN"): 4, (360, "en-US"): 5, (1280, "en-US"): 6, (360, "zh-CN"): 7}
WATCH = """() => {
    window.seen = [];
    window.stayed = true;
    const look = () => {
        const run = document.getElementById('run');
        const done = run.querySelectorAll(".run-steps use[href$='#circle-check']").length;
        const bar = run.querySelector('progress');
        const state = `${done}:${bar ? bar.value : 'end'}`;
        if (window.seen.at(-1) !== state) window.seen.push(state);
    };
    look();
    new MutationObserver(look).observe(document.querySelector('main'), { childList: true, subtree: true });
}"""
ALONE = """(action) => {
    const form = document.createElement('form');
    form.method = 'post';
    form.action = action;
    form.append(document.querySelector('[name=csrfmiddlewaretoken]').cloneNode());
    document.body.append(form);
    form.submit();
}"""


def own_parcel(page, server, screen):
    page.goto(server.url + "/waybills/")
    return page.locator("table a.mono").nth(ROWS[screen]).inner_text()


def fits(page):
    wide = "document.documentElement.scrollWidth > document.documentElement.clientWidth"
    return not page.evaluate(wide)


def row_of(desk, run):
    return desk.locator("tr", has=desk.locator(f"a[href*='{run}']"))


@pytest.mark.every_screen
def test_one_person_alone_is_refused_and_two_persons_are_watched_to_the_end(visit, screen):
    officer, analyst = visit("privacy_officer"), visit("analyst")
    page, desk = officer.page("/keep/"), analyst.page("/approvals/")
    number = own_parcel(page, officer.server, screen)
    page.goto(officer.server.url + "/keep/")
    page.click("[data-dialog=request]")
    page.fill("#request-waybills", number)
    page.click("#request .btn-primary")
    page.wait_for_selector("#run")
    run, address = page.url.rstrip("/").rsplit("/", 1)[1], page.url

    desk.reload()
    action = row_of(desk, run).locator("form[action*='approve']").get_attribute("action")
    assert page.locator("#run form").count() == 0
    with page.expect_navigation():
        page.evaluate(ALONE, action)
    refused = page.inner_text("[role=alert]")
    assert "approval_own_request" in refused
    assert "M1" in refused
    assert fits(page)
    page.goto(f"{officer.server.url}/waybills/{number}/")
    assert page.locator("[data-field=recipient_phone], .field-row").count() > 0

    page.goto(address)
    page.evaluate(WATCH)
    row_of(desk, run).locator("form[action*='approve'] button").click()
    desk.wait_for_selector("[role=status]")
    page.wait_for_selector("a[href$='certificate.json']", timeout=90_000)
    page.wait_for_selector("#run:not([hx-get])", timeout=30_000)
    seen, stayed = page.evaluate("[window.seen, window.stayed]")
    assert stayed
    assert len(seen) >= 2
    assert seen[0] != seen[-1]
    assert seen[-1] == "9:end"
    assert fits(page)


def test_a_new_generation_is_asked_for_by_one_and_agreed_to_by_another(visit):
    officer, analyst = visit("privacy_officer"), visit("analyst")
    page, desk = officer.page("/keys/"), analyst.page("/keys/")
    before = int(page.locator(".figure .value").first.inner_text())
    page.click("[data-dialog=rotate]")
    page.select_option("#rotate-reason", "rotation_keeper")
    page.click("#rotate .btn-primary")
    page.wait_for_selector("[role=status]")
    assert page.locator("main form[action*='approve']").count() == 0
    assert page.locator("[data-dialog=rotate]").count() == 0
    desk.reload()
    desk.click("main form[action*='approve'] button")
    desk.wait_for_selector("[role=status]")
    for _ in range(45):
        page.reload()
        if int(page.locator(".figure .value").first.inner_text()) > before:
            break
        page.wait_for_timeout(1_000)
    assert int(page.locator(".figure .value").first.inner_text()) > before
    assert page.locator("[data-dialog=rotate]").count() == 1


def test_the_branch_adds_a_photo_to_a_destruction_and_sees_it_by_a_press(visit, screen, tmp_path):
    manager = visit("branch_manager")
    page, serial = manager.page("/paper/"), f"BROWSER-{screen[0]}"
    page.fill("#id_serial", serial)
    page.fill("#id_sheets", "12")
    page.fill("#id_weight", "60")
    page.click("form[action$='/seal'] button")
    page.wait_for_selector("[role=status]")
    page.check(f"[value='{serial}']")
    page.fill("#id_place", "网点后院")
    page.fill("#id_witness", manager.server.people["clerk"]["staff_no"])
    page.click("form[action$='/destroy'] button")
    page.wait_for_selector("[role=status]")
    page.locator("a[href*='/paper/acts/']").first.click()
    wrong = tmp_path / "photo.jpg"
    wrong.write_text("no picture")
    page.set_input_files("#photo-file", wrong)
    page.click("#photo-form button")
    page.wait_for_selector("#photo-result .note-box")
    assert "bad_photo" in page.inner_text("#photo-result")
    right = tmp_path / "shreds.png"
    Image.effect_noise((320, 240), 80).save(right)
    page.set_input_files("#photo-file", right)
    page.click("#photo-form button")
    page.wait_for_selector("[role=status]")
    assert page.locator("#photo img").count() == 0
    page.click("#photo button")
    page.wait_for_selector("#photo img")
    assert page.evaluate("document.querySelector('#photo img').naturalWidth") == 320
    assert fits(page)


@pytest.mark.every_screen
@pytest.mark.parametrize("path", ["/keys/", "/backups/", "/algorithms/", "/paper/"])
def test_every_new_page_fits_its_screen_and_draws_its_charts(visit, path):
    page = visit("privacy_officer").page(path)
    assert fits(page)
    for chart in page.locator("[data-chart]").all():
        assert chart.locator("canvas").count() == 1
