// Opens links on our own page in a browser that is installed, on a phone and on a desk.

import assert from 'node:assert/strict'
import { onBoth } from './screens.mjs'

/** Opens two links; takes pictures into the folder, if there is one. */
export async function look(executablePath, make, passcode, pictures) {
  await onBoth(executablePath, pictures, async (page, size, picture, wrong) => {
    // Without a link behind it the page says so.
    const made = await make({ label: 'Für Dr. Amsel', passcode, minutes: 30, may_download: true })
    await page.goto(made.url.split('#')[0])
    await page.waitForSelector('#told.wrong')
    await page.goto('about:blank')
    await page.goto(made.url)
    assert.ok(!page.url().includes('shlink'), 'the key does not stay in the address')
    await picture(`${size}-ask`)
    await page.fill('#recipient', 'Dr. Amsel')
    await page.fill('#passcode', 'falsch-1')
    await page.click('#send')
    await page.waitForSelector('#told.wrong')
    assert.match(await page.textContent('#told'), /4/)
    // The browser itself notes an answer of 401.
    wrong.splice(0, wrong.length, ...wrong.filter((text) => !text.includes('401')))
    await picture(`${size}-wrong`)
    await page.fill('#passcode', passcode)
    await page.click('#send')
    await page.waitForSelector('#form', { state: 'hidden' })
    assert.ok(await page.locator('#findings article').count() > 1)
    assert.ok(await page.locator('#findings td').count() > 1)
    await picture(`${size}-findings`)
    const saving = page.waitForEvent('download')
    await page.locator('#findings a.deed').first().click()
    assert.match((await saving).suggestedFilename(), /\.(pdf|png|jpg)$/)
  })
  console.log('ok  the page opens links, on a phone and on a desk')
}
