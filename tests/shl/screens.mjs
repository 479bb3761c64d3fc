// A browser that is installed, once with the screen of a phone and once with that of a desk.

import assert from 'node:assert/strict'
import { createRequire } from 'node:module'

const { chromium } = createRequire(import.meta.url)('playwright-core')

/**
 * Does `act(page, size, picture, wrong)` on both. `picture(name)` takes one into the folder, if there is a folder; `wrong` are the errors
 * that the page has told so far. At the end there is none, nothing is wider than the screen, and nobody else was asked.
 */
export async function onBoth(executablePath, pictures, act) {
  const browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] })
  try {
    for (const [size, width, locale] of [['phone', 390, 'de-DE'], ['desk', 1200, 'en-GB']]) {
      const context = await browser.newContext({ viewport: { width, height: 844 }, locale, acceptDownloads: true })
      const page = await context.newPage()
      const wrong = []
      page.on('console', (message) => message.type() === 'error' && wrong.push(message.text()))
      page.on('pageerror', (error) => wrong.push(String(error)))
      const strangers = []
      page.on('request', (request) => { if (!/^(http:\/\/(localhost|127\.0\.0\.1):|blob:)/.test(request.url())) strangers.push(request.url()) })
      const picture = async (name) => pictures && page.screenshot({ path: `${pictures}/${name}.png`, fullPage: true })
      await act(page, size, picture, wrong)
      assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), 'nothing is wider than the screen')
      assert.deepEqual([wrong, strangers], [[], []])
      await context.close()
    }
  } finally {
    await browser.close()
  }
}
