"""Whether a page can be read in both themes, also when one takes the place of the other."""

from __future__ import annotations

from typing import Literal

from playwright.sync_api import Page

THEMES: tuple[Literal["light", "dark"], ...] = ("dark", "light")

LEAST = 4.5
"""How much lighter letters and their ground have to be than the other, by WCAG 2.2 (1.4.3)."""

CONTRASTS = """all => all.map(part => {
    const parse = text => {
        const [red, green, blue, alpha = 1] = text.match(/[\\d.]+/g).map(Number);
        return [red, green, blue, alpha];
    };
    const over = (top, ground) => [0, 1, 2].map(
        i => top[i] * top[3] + ground[i] * (1 - top[3])
    ).concat(1);
    const parts = [];
    for (let each = part; each; each = each.parentElement) parts.unshift(getComputedStyle(each));
    const ground = parts.map(style => parse(style.backgroundColor)).reduce(
        (below, top) => over(top, below), [255, 255, 255, 1]
    );
    const faded = parts.reduce((share, style) => share * Number(style.opacity), 1);
    const [red, green, blue, alpha] = parse(parts.at(-1)[part.ownerSVGElement ? "fill" : "color"]);
    const light = colour => [0.2126, 0.7152, 0.0722].reduce((sum, weight, i) => {
        const share = colour[i] / 255;
        return sum + weight * (share <= 0.03928 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4);
    }, 0.05);
    const both = [light(over([red, green, blue, alpha * faded], ground)), light(ground)];
    return Math.max(...both) / Math.min(...both);
})"""


def assert_both_themes_can_be_read(page: Page, letters: str, canvas: str) -> None:
    """Fail if letters are pale in a theme, or a canvas keeps the colours of the other one.

    Args:
        page: It shows both in the light theme.
        letters: Selector of what is written on the page.
        canvas: Selector of the canvas that is written on, too; of its first one.
    """
    for theme in THEMES:
        before = page.locator(canvas).first.evaluate("canvas => canvas.toDataURL()")
        page.emulate_media(color_scheme=theme)
        page.wait_for_function(
            """([theme, canvas, before]) => {
                const find = (root) => root.querySelector(canvas) ?? [...root.querySelectorAll("*")]
                    .map(part => part.shadowRoot && find(part.shadowRoot)).find(Boolean);
                const app = document.querySelector('[data-testid="stApp"]');
                const drawn = find(document).toDataURL();
                return getComputedStyle(app).colorScheme === theme && drawn !== before;
            }""",
            arg=[theme, canvas, before],
        )
        contrasts = page.locator(letters).evaluate_all(CONTRASTS)
        assert min(contrasts) >= LEAST, (theme, contrasts)
