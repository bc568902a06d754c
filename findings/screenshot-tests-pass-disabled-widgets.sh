#!/usr/bin/env bash
# One would guess: `toHaveScreenshot()` of Playwright Test with its defaults, which allow no pixel to differ, fails when a
# checkbox or radio button changes its state; and if a small tick slips through it is for its thin edges, which it takes
# for smoothing.
# In truth: a pixel differs only when it does by more than a fifth of a scale of colours (`threshold: 0.2`). Disabled widgets
# are paler than that: the browser's own checkbox and radio button, and daisyui's, pass as the same picture whether they
# are on or off, however many of their pixels change. Smoothing has no part in it: with smoothed pixels counted as well, none
# differs. Enabled ones fail as they should, and so do Bootstrap's disabled ones. With 0.1, which is the default of
# pixelmatch itself, all of them fail.
# Why it matters: forms lock what one may not change, and a policy's or a licence's locked "on" that turns into "off" is just
# what such a test is there for. Who thins frames or screenshots out by such a comparison throws one state away,
# and a pair that it calls the same can have two labels.
# Seen with @playwright/test 1.63.0, Chromium 156.0.8078.114 on 2026-11-30; pixels that change, and the verdict on on beside off:
#   own checkbox       161, fails    disabled 141, passes      own radio        133, fails   disabled  69, passes
#   daisyui checkbox   218, fails    disabled 151, passes      daisyui radio    318, fails   disabled 342, passes
#   bootstrap checkbox 240, fails    disabled 240, fails       bootstrap radio  184, fails   disabled 184, fails
# Needs node of 20 or newer with npm, and Chromium (Debian's package chromium).
set -euo pipefail
chromium=$(command -v chromium || command -v chromium-browser || command -v google-chrome) ||
  { echo "no Chromium found; on Debian: apt install chromium" >&2; exit 1; }
export chromium
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-audit --no-fund --ignore-scripts @playwright/test@1.63.0 pngjs@7.0.0 pixelmatch@8.0.0 >/dev/null
fetch() { # NAME PACKAGE@VERSION FILE: one style sheet of a package, without what the package depends on
  tar -xzOf "$(npm pack --silent "$2")" "package/$3" > "$1.css"
}
fetch bootstrap bootstrap@5.3.8 dist/css/bootstrap.min.css
fetch daisyui daisyui@5.8.1 daisyui.css
: > own.css
cat > playwright.config.mjs <<'JS'
export default { testMatch: "look.mjs", reporter: "dot", workers: 1, timeout: 120000,
  use: { viewport: { width: 90, height: 60 }, launchOptions: { executablePath: process.env.chromium, args: ["--no-sandbox"] } } };
JS
cat > look.mjs <<'JS'
import assert from "node:assert";
import { readFileSync } from "node:fs";
import { expect, test } from "@playwright/test";
import pixelmatch from "pixelmatch";
import { PNG } from "pngjs";

const WIDGETS = {
  "own checkbox": '<input type="checkbox" STATE>',
  "own radio": '<input type="radio" STATE>',
  "daisyui checkbox": '<input class="checkbox" type="checkbox" STATE>',
  "daisyui radio": '<input class="radio" type="radio" STATE>',
  "bootstrap checkbox": '<input class="form-check-input" type="checkbox" STATE>',
  "bootstrap radio": '<input class="form-check-input" type="radio" STATE>',
};
const PASS = new Set(["own checkbox, disabled", "own radio, disabled", "daisyui checkbox, disabled", "daisyui radio, disabled"]);
const STILL = "<style>* { transition: none !important; animation: none !important } body { background: #fff }</style>";

async function show(page, name, state) {
  const style = readFileSync(`${name.split(" ")[0]}.css`, "utf8");
  const widget = WIDGETS[name].replace("STATE", state);
  await page.setContent(`<!doctype html><style>${style}</style>${STILL}<div style="padding: 20px">${widget}</div>`);
}

function changed(one, other, options) {
  const [a, b] = [one, other].map((data) => PNG.sync.read(data));
  return pixelmatch(a.data, b.data, undefined, a.width, a.height, options);
}

test("states", async ({ browser, page }) => {
  console.log("Chromium", browser.version());
  for (const name of Object.keys(WIDGETS))
    for (const disabled of ["", "disabled"]) {
      await show(page, name, disabled);
      const off = await page.screenshot();
      if (process.env.STATE === "off") {
        await expect(page).toHaveScreenshot(`${name} ${disabled}.png`);
        continue;
      }
      await show(page, name, `checked ${disabled}`);
      await expect(page.locator("input")).toBeChecked();
      const on = await page.screenshot();
      const verdict = await expect(page).toHaveScreenshot(`${name} ${disabled}.png`, { timeout: 3000 }).then(() => "passes", () => "fails");
      const title = disabled ? `${name}, disabled` : name;
      const any = changed(off, on, { threshold: 0, includeAA: true });
      console.log(title.padEnd(30), String(any).padStart(4), "pixels change; the test", verdict);
      assert.equal(changed(off, on, { threshold: 0.2, includeAA: true }) === 0, PASS.has(title), title);
      assert.ok(changed(off, on) > 0, title);
      assert.equal(verdict, PASS.has(title) ? "passes" : "fails", title);
    }
});
JS
STATE=off npx playwright test --update-snapshots >/dev/null
STATE=on npx playwright test
