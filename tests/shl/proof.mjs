// Shows that a receiver of SMART Health Links that we did not write (kill-the-clipboard, by Vinta) reads our links: parse,
// manifest, passcode, files, decryption, and what a dead link answers. What it reads is compared with what the resident gets.
// `.ci/shl` starts the demo and runs this.
//
//   NAHRAUM_URL                 the demo's address
//   CHROMIUM, SHL_PICTURES      a browser and a folder, to look at the page that opens links as well

import assert from 'node:assert/strict'
import { SHL, SHLInvalidPasscodeError, SHLManifestNotFoundError, SHLViewer } from 'kill-the-clipboard'

const url = process.env.NAHRAUM_URL
const RECIPIENT = 'Praxis Dr. Amsel'
const PASSCODE = 'drossel-47'

const done = (what) => console.log(`ok  ${what}`)

async function call(method, path, token, body, status = 200) {
  const headers = { ...(token && { authorization: `Bearer ${token}` }), ...(body && { 'content-type': 'application/json' }) }
  const reply = await fetch(url + path, { method, headers, body: body && JSON.stringify(body) })
  const text = await reply.text()
  assert.equal(reply.status, status, `${method} ${path}: ${text}`)
  return text ? JSON.parse(text) : undefined
}

/** What two exports of one finding have in common: not when they were made, and not what the patient is called. */
function comparable(bundle) {
  const text = JSON.stringify(bundle.entry.filter(({ resource }) => resource.resourceType !== 'Patient'))
  return JSON.parse(text)
}

const { access_token: token } = await call('POST', '/v1/sessions/resident', undefined, { device_secret: 'de30babade30babade30babade300010', pin: '573068' }, 201)
const make = (order) => call('POST', '/v1/links', token, order, 201)
const view = (made, passcode) => new SHLViewer({ shlinkURI: made.shlink }).resolveSHL({ recipient: RECIPIENT, passcode })

// Without a passcode: values and words.
const open = await make({ label: 'Laborwerte', minutes: 60, data: { kinds: ['laboratory'] }, may_download: true })
const parsed = SHL.parse(open.shlink)
assert.deepEqual([parsed.label, parsed.flag, parsed.isLongTerm, parsed.requiresPasscode, parsed.version], ['Laborwerte', 'L', true, false, 1])
assert.equal(SHL.parse(open.url).url, parsed.url)
const { fhirResources } = await view(open)
assert.ok(fhirResources.length > 1)
for (const bundle of fhirResources) {
  const id = bundle.identifier.value.replace('urn:uuid:', '')
  const own = await call('GET', `/v1/findings/${id}/fhir`, token)
  assert.deepEqual(comparable(bundle), comparable(own))
}
done(`the library reads ${fhirResources.length} findings, each as the resident exports it`)

// With a passcode: wrong ones are told, and the right one opens.
const closed = await make({ passcode: PASSCODE, one_time: true, minutes: 5, data: { kinds: ['letter'] } })
assert.equal(SHL.parse(closed.shlink).flag, 'P')
await assert.rejects(view(closed, 'falsch-47'), SHLInvalidPasscodeError)
const words = (await view(closed, PASSCODE)).fhirResources
assert.ok(words.length && words.every((bundle) => bundle.entry.every(({ resource }) => resource.resourceType !== 'Binary')))
await assert.rejects(view(closed, PASSCODE), SHLManifestNotFoundError)
done('a passcode is asked for, and one time is one time')

await call('DELETE', `/v1/links/${open.link.id}`, token, undefined, 204)
await assert.rejects(view(open), SHLManifestNotFoundError)
done('what was taken back is gone')

const log = await call('GET', '/v1/access-log?limit=50', token)
assert.ok(log.items.some((line) => line.actor === 'link-holder' && line.sentence.includes(RECIPIENT)))
done('the resident sees who says they looked')

const { CHROMIUM: chromium, SHL_PICTURES: pictures } = process.env
if (chromium) {
  await (await import('./page.mjs')).look(chromium, make, PASSCODE, pictures)
  const { items } = await call('GET', '/v1/findings?kind=laboratory&limit=50', token)
  const { id } = items.reduce((most, one) => (one.value_count > most.value_count ? one : most))
  const { values } = await call('GET', `/v1/findings/${id}`, token)
  const print = async () => {
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' }
    const reply = await fetch(`${url}/v1/summaries`, { method: 'POST', headers, body: JSON.stringify({ finding_ids: [id] }) })
    assert.equal(reply.status, 200)
    return Buffer.from(await reply.arrayBuffer())
  }
  await (await import('./paper.mjs')).check(chromium, print, values.map(({ name }) => name), pictures)
}
