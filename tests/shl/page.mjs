// Opens links on our own page in a browser that is installed, on a phone and on a desk.

import assert from 'node:assert/strict'
import { createRequire } from 'node:module'

const { chromium } = createRequire(import.meta.url)('playwright-core')

/** Opens two links; takes pictures into the folder, if there is one. */
export async function look(executablePath, make, passcode, pictures) {
  const browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] })
  const picture = async (page, name) => pictures && page.screenshot({ path: `${pictures}/${name}.png`, fullPage: true })
  try {
    for (const [size, width, locale] of [['phone', 390, 'de-DE'], ['desk', 1200, 'en-GB']]) {
      const context = await browser.newContext({ viewport: { width, height: 844 }, locale, acceptDownloads: true })
      const page = await context.newPage()
      const wrong = []
      page.on('console', (message) => message.type() === 'error' && wrong.push(message.text()))
      page.on('pageerror', (error) => wrong.push(String(error)))
      const strangers = []
      page.on('request', (request) => { if (!/^(http:\/\/(localhost|127\.0\.0\.1):|blob:)/.test(request.url())) strangers.push(request.url()) })
      const made = await make({ label: 'Für Dr. Amsel', passcode, minutes: 30, may_download: true })
      await page.goto(made.url)
      assert.ok(!page.url().includes('shlink'), 'the key does not stay in the address')
      await picture(page, `${size}-ask`)
      await page.fill('#recipient', 'Dr. Amsel')
      await page.fill('#passcode', 'falsch-1')
      await page.click('#send')
      await page.waitForSelector('#told.wrong')
      assert.match(await page.textContent('#told'), /4/)
      // The browser itself notes an answer of 401.
      wrong.splice(0, wrong.length, ...wrong.filter((text) => !text.includes('401')))
      await picture(page, `${size}-wrong`)
      await page.fill('#passcode', passcode)
      await page.click('#send')
      await page.waitForSelector('#form', { state: 'hidden' })
      assert.ok(await page.locator('#findings article').count() > 1)
      assert.ok(await page.locator('#findings td').count() > 1)
      await picture(page, `${size}-findings`)
      const saving = page.waitForEvent('download')
      await page.locator('#findings a.deed').first().click()
      assert.match((await saving).suggestedFilename(), /\.(pdf|png|jpg)$/)
      assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), 'nothing is wider than the screen')
      assert.deepEqual([wrong, strangers], [[], []])
      await page.goto(made.url.split('#')[0])
      await page.waitForSelector('#told.wrong')
      await context.close()
    }
    console.log('ok  the page opens links, on a phone and on a desk')
  } finally {
    await browser.close()
  }
}
