// Prints a summary, reads its squares as a scanner does (poppler draws the page, zbar reads it), and checks them on our own page in
// a browser that is installed: by a phone's camera, which opens the address, and by a scanner, which types.

import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onBoth } from './screens.mjs'

/** What the squares of a PDF hold, in the order of the pages. */
function squaresOf(pdf) {
  const folder = mkdtempSync(join(tmpdir(), 'squares-'))
  try {
    writeFileSync(join(folder, 'paper.pdf'), pdf)
    execFileSync('pdftoppm', ['-r', '300', '-png', join(folder, 'paper.pdf'), join(folder, 'page')])
    const pages = readdirSync(folder).filter((name) => name.endsWith('.png')).sort()
    return pages.flatMap((page) => {
      try {
        return execFileSync('zbarimg', ['--quiet', '--raw', '-Sdisable', '-Sqrcode.enable', join(folder, page)], { encoding: 'utf8' }).trim().split('\n')
      } catch (error) {
        // 4: no square on this page.
        if (error.status === 4) return []
        throw error
      }
    })
  } finally {
    rmSync(folder, { recursive: true })
  }
}

const onTheOtherKeyboard = (text) => text.replace(/[yzYZ_-]/g, (c) => ({ y: 'z', z: 'y', Y: 'Z', Z: 'Y', '-': 'ß', _: '?' })[c])
const withAnotherClaim = (square) => square.replace(/(#.*?\.)(.)/, (_, before, first) => before + (first === 'A' ? 'B' : 'A'))

/** Checks a paper on a phone and on a desk; takes pictures into the folder, if there is one. */
export async function check(executablePath, print, values, pictures) {
  const squares = squaresOf(await print())
  assert.ok(squares.length > 1, `${squares.length} squares`)
  await onBoth(executablePath, pictures, async (page, size, picture) => {
    const told = (text) => page.waitForFunction((text) => document.getElementById('told').textContent === text, text)
    const word = (name) => page.getAttribute('#told', `data-${name}`)
    const type = async (text) => {
      await page.fill('#square', text)
      await page.press('#square', 'Enter')
    }
    await page.goto(squares[0])
    await told(await word('good'))
    assert.ok(!page.url().includes('#'), 'the values do not stay in the address')
    assert.equal(await page.locator('#papers article').count(), 1)
    await picture(`paper-${size}-first`)
    // From here on there is no network, as in a cellar of a hospital.
    await page.context().setOffline(true)
    const forged = withAnotherClaim(squares[1])
    for (const [typed, said] of [[forged, 'wrong'], [squares[1].slice(0, -3), 'none'], ['04127', 'none'], [squares[0], 'again']]) {
      await type(typed)
      await told(await word(said))
    }
    await picture(`paper-${size}-again`)
    await type(onTheOtherKeyboard(squares[1]))
    await told(await word('good'))
    for (const square of squares.slice(2)) await type(square)
    await page.waitForFunction((count) => document.querySelectorAll('#papers tbody tr').length === count, values.length)
    const shown = await page.locator('#papers tbody th').allTextContents()
    assert.deepEqual(shown, values)
    await picture(`paper-${size}`)
  })
  console.log(`ok  the page checks ${squares.length} squares of a paper without a network, on a phone and on a desk`)
}
