"""An API client from its making to its end, by the administrator; who asks to act for staff waits for another person."""

import pytest


def fits(page):
    wide = """() => [document.documentElement, ...document.querySelectorAll(".table-wrap")]
        .some((part) => part.scrollWidth > part.clientWidth)"""
    return not page.evaluate(wide)


@pytest.mark.every_screen
def test_a_client_is_made_narrowed_rotated_and_ended(visit, screen):
    keeper = visit("sysadmin")
    page = keeper.page("/clients/")
    width, language = screen
    name = f"云商城 {width} {language}"
    page.click("[data-dialog=make]")
    page.fill("#make-name", name)
    page.fill("#make-minute", "60")
    page.fill("#make-networks", "203.0.113.0/24")
    assert fits(page)
    page.click("#make .btn-primary")
    page.wait_for_selector("[data-secret]")
    secret = page.locator("[data-secret]").inner_text()
    assert len(secret) > 40
    assert fits(page)
    page.click("main a.btn-primary")
    page.wait_for_selector("[data-dialog=change]")
    address = page.url
    page.click("[data-dialog=change]")
    page.locator("#change [name=sees][value=recipient_phone]").uncheck()
    page.fill("#change-minute", "30")
    page.click("#change .btn-primary")
    page.wait_for_selector(".note-box.good")
    page.click("[data-dialog=rotate]")
    page.click("#rotate .btn-primary")
    page.wait_for_selector("[data-secret]")
    assert page.locator("[data-secret]").inner_text() != secret
    page.goto(address)
    assert secret not in page.content()
    page.click("[data-dialog=scopes]")
    page.locator("#scopes [value='waybills:search']").check()
    page.click("#scopes .btn-primary")
    page.wait_for_selector(".note-box.late")
    assert fits(page)
    # Left open, so that somebody looks at them: the list, the client, the form.
    for path, dialog in (
        ("/clients/", ""),
        ("/clients/", "make"),
        (address.removeprefix(keeper.server.url), "change"),
    ):
        left = keeper.page(path)
        if dialog:
            left.click(f"[data-dialog={dialog}]")
        assert fits(left)
    page.click("[data-dialog=revoke]")
    page.click("#revoke .btn-danger")
    page.wait_for_selector(".note-box.good")
    assert page.locator("[data-dialog=rotate]").count() == 0
